"""Use cases of schedules, and what the other slices need of them."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson

from crm_platform.db import Connection, Database
from crm_platform.errors import NotFound
from crm_platform.operations.compute import Compute
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import UnitOfWork
from project_svc.plan import service as plans
from project_svc.projects import service as projects
from project_svc.schedules import repository
from project_svc.schedules.computing.cache import Cache
from project_svc.schedules.computing.comparing import Compared, comparison, side_of
from project_svc.schedules.computing.optimising import MOST_TASKS, Optimised, find_schedule
from project_svc.schedules.computing.reckoning import (
    Reckoning,
    demand,
    document,
    moment,
    money,
    ranks_of,
    reckoned,
    refusals_named,
)
from project_svc.schedules.domain import OPTIMISED
from project_svc.schedules.errors import NothingToOptimise, TooLargeToOptimise
from project_svc.schedules.schemas import ComparisonRead

__all__ = [
    "Compared",
    "ComparisonRead",
    "Reckoning",
    "comparison",
    "demand",
    "difference",
    "document",
    "documents_of",
    "moment",
    "money",
    "reckoned",
    "reckoning_in",
    "schedule_of",
    "side_of",
]

_Gathered = tuple[plans.WholePlan, plans.Surroundings]
_PLAIN, _LEVELLED = "plain", "levelled"
_CACHE: Final = Cache(most_bytes=64 * 1024 * 1024)


async def reckoning_in(connection: Connection, project: projects.Project, *, level: bool = False) -> Reckoning:
    """The plan of a project with its schedule, as this transaction sees them.

    Raises:
        PlanOutOfCalendar: There is no working time for it.
        NotEnoughOfResource: Levelled, a task needs more of a resource than there will ever be.
    """
    whole, around = await _gathered(connection, project)
    return await asyncio.to_thread(reckoned, whole.plan, whole.tasks, around, level=level)


async def _gathered(connection: Connection, project: projects.Project) -> tuple[plans.WholePlan, plans.Surroundings]:
    whole = await plans.whole_plan(connection, project)
    return whole, await plans.around(connection, project.starts_on, whole.plan, whole.tasks.values())


async def schedule_of(reader: Reader, project_id: UUID, *, level: bool) -> Rendered:
    """The schedule of a project, computed once for each state of what it is made of.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """
    await projects.check_visible(reader, project_id)
    kind = _LEVELLED if level else _PLAIN
    async with reader.open() as connection:
        sought = await _sought(connection, project_id, kind)
    return Rendered(project_id, await _document(sought), _tag(kind, sought.stamp))


async def documents_of(database: Database, tenant_id: UUID, project_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The schedules of projects as JSON, whoever asks; plans without working time for them are left out."""
    found = {}
    for id in project_ids:
        async with database.read(tenant_id) as connection:
            sought = await _sought(connection, id, _PLAIN)
        with suppress(*plans.UNRECKONABLE):
            found[id] = await _document(sought)
    return found


@dataclass(frozen=True, slots=True)
class _Sought:
    """A schedule that was computed before, or what it is made of."""

    project_id: UUID
    kind: str
    stamp: str
    found: bytes | _Gathered


async def _sought(connection: Connection, project_id: UUID, kind: str) -> _Sought:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        stamp = await repository.stamp_of(connection, project_id)
        found: bytes | _Gathered | None = _CACHE.get(project_id, kind, stamp)
        if found is None:
            found = await _gathered(connection, await projects.state_of(connection, project_id))
    return _Sought(project_id, kind, stamp, found)


async def _document(sought: _Sought) -> bytes:
    """Computed once for each state; the connection is given back before."""
    if isinstance(sought.found, bytes):
        return sought.found
    body = await asyncio.to_thread(_rendered, *sought.found, level=sought.kind == _LEVELLED)
    _CACHE.put(sought.project_id, sought.kind, sought.stamp, body)
    return body


async def what_if(reader: Reader, project_id: UUID, edit: plans.PlanEdit) -> bytes:
    """What an edit would do to a plan; nothing of it is kept.

    Raises:
        NotFound: There is no such project, or not for this caller.
        PlanRefused: The edit contradicts the plan or itself; so do cycles and constraints that could not hold.
    """
    await projects.check_visible(reader, project_id)
    language = reader.caller.language
    async with reader.open() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        project = await projects.state_of(connection, project_id)
        trial = await plans.tried(connection, project, edit, language=language)
    return await asyncio.to_thread(_compared, trial)


async def optimised(reader: Reader, project_id: UUID) -> Rendered:
    """The schedule that the last optimisation of a project has found.

    Raises:
        NotFound: There is no such project, not for this caller, or it was never optimised.
    """
    await projects.check_visible(reader, project_id)
    async with reader.open() as connection:
        found = await repository.kept(connection, project_id)
        stamp = await repository.stamp_of(connection, project_id)
    if found is None:
        raise NotFound(what=OPTIMISED, id=project_id)
    about = {
        "operation_id": str(found["operation_id"]),
        "found_at": found["found_at"].isoformat(),
        "is_current": found["stamp"] == stamp,
    }
    body = b"%b,%b" % (found["body"].encode()[:-1], orjson.dumps(about)[1:])
    return Rendered(project_id, body, _tag(str(found["operation_id"]), f"{found['stamp']} {stamp}"))


async def expect_optimisable(connection: Connection, project: projects.Project) -> None:
    """Refuse to search where there is nothing to find, or too much to go through.

    Raises:
        NothingToOptimise: No task needs a person or a machine.
        TooLargeToOptimise: There are too many tasks.
    """
    whole, around = await _gathered(connection, project)
    _, needs = demand(whole.tasks, around)
    if not needs:
        raise NothingToOptimise
    if len(whole.tasks) > MOST_TASKS:
        raise TooLargeToOptimise(count=len(whole.tasks), most=MOST_TASKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A plan that is to be optimised, as it was when that began."""

    whole: plans.WholePlan
    around: plans.Surroundings
    stamp: str

    async def by(self, compute: Compute, effort: int, going_on: Callable[[float], None]) -> Optimised:
        """What is found, in another process; ``going_on`` is told there which part of the effort is spent.

        Raises:
            PlanOutOfCalendar: One after the other, the tasks leave the calendar.
            NotEnoughOfResource: A task needs more of a resource than there will ever be.
        """
        whole = self.whole
        supplies, needs = demand(whole.tasks, self.around)
        network = plans.network_of(whole.plan, whole.tasks.values(), self.around)
        with refusals_named(whole.tasks, self.around):
            ranks = ranks_of(whole.tasks)
            search = partial(find_schedule, going_on=going_on)
            return await compute(search, network, supplies, needs, ranks, float(effort))


async def search_in(connection: Connection, project_id: UUID) -> Search:
    """The plan of a project as this transaction sees it."""
    project = await projects.state_of(connection, project_id)
    stamp = await repository.stamp_of(connection, project_id)
    whole, around = await _gathered(connection, project)
    return Search(whole=whole, around=around, stamp=stamp)


async def keep_optimised(unit: UnitOfWork, operation_id: UUID, search: Search, found: Optimised) -> dict[str, Any]:
    """Keep what a search has found in place of what the one before has; returns the figures."""
    whole, solution = search.whole, found.solution
    levelling = found.levelling
    network = plans.network_of(whole.plan, whole.tasks.values(), search.around)
    costs = plans.priced(whole.tasks.values(), search.around, levelling.schedule.dates, whole.plan.currency)
    reckoning = Reckoning(
        plan=whole.plan,
        tasks=whole.tasks,
        around=search.around,
        network=network,
        schedule=levelling.schedule,
        costs=costs,
        waits=levelling.waits,
    )
    figures = {
        "makespan": solution.makespan,
        "lower_bound": solution.lower_bound,
        "gap": solution.gap,
        "exact": found.exact,
        "ended": solution.ended.value,
        "method": solution.method.value,
        "by_priority_rule": moment(found.by_rule),
    }
    body = await asyncio.to_thread(document, reckoning)
    await repository.keep(
        unit.connection,
        whole.plan.id,
        operation_id,
        plan_revision=whole.plan.version,
        stamp=search.stamp,
        found_at=unit.now,
        body={**body, **figures},
    )
    return {**figures, "finishes_at": body["finishes_at"]}


def _rendered(whole: plans.WholePlan, around: plans.Surroundings, *, level: bool) -> bytes:
    return orjson.dumps(document(reckoned(whole.plan, whole.tasks, around, level=level)))


def _compared(trial: plans.Trial) -> bytes:
    before, after = trial.outcome()
    return orjson.dumps(difference(before, after, trial.around))


def difference(before: plans.WholePlan, after: plans.WholePlan, around: plans.Surroundings) -> dict[str, Any]:
    """What differs between two plans with the same surroundings, as JSON: pure, and meant for threads."""
    earlier = side_of(reckoned(before.plan, before.tasks, around))
    later = side_of(reckoned(after.plan, after.tasks, around))
    return comparison(earlier, later, around.rules(after.plan.calendar_id))


def _tag(kind: str, stamp: str) -> int:
    """An ETag's number."""
    return int.from_bytes(blake2b(f"{kind} {stamp}".encode(), digest_size=6).digest())
