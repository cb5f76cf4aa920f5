"""Several projects levelled as one plan, the work of some before that of others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_platform.days import DEFAULT_ZONE, begin_of
from project_svc.plan.service import network_of
from project_svc.portfolio_trials.trying.question import Member
from project_svc.schedules import service as schedules
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import Source
from project_svc.scheduling.calendars.zones import moment_of
from project_svc.scheduling.levelling import Assignment, Levelling, Supply, levelled
from project_svc.scheduling.network import plan as engine

_RANK = 10_000
"""More than any difference between priorities of tasks."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Projects levelled together.

    Attributes:
        members: The one whose work goes first at first; only those with tasks.
        plan: All of them, each below a summary that has the id of the project.
        levelling: Its dates, and why tasks wait.
        impossible: Tasks that need more of a resource than there will ever be; these do not wait for it.
    """

    members: Sequence[Member]
    plan: engine.Plan
    levelling: Levelling
    impossible: tuple[UUID, ...]


def joined(members: Iterable[Member], as_of: date) -> Joint:
    """Level projects by priority: of two tasks that want the same, that of the earlier member goes first.

    Equal members have equal schedules. What is not done by ``as_of`` comes later.

    Raises:
        OutOfCalendarError: There is no working time for a project.
        PlanError: A plan means nothing.
    """
    some = [one for one in members if one.whole.tasks]
    tasks: list[engine.Task] = []
    links: list[engine.Link] = []
    calendars: dict[str, Source] = {engine.STANDARD: Rules()}
    supplies: dict[str, list[Supply]] = {}
    needs: list[Assignment] = []
    ranks: dict[str, int] = {}
    starts = []
    for place, member in enumerate(some):
        key, own = str(member.id), member.whole.tasks
        network = network_of(member.whole.plan, own.values(), member.around)
        held = engine.Constraint(engine.ConstraintKind.START_NO_EARLIER_THAN, network.start)
        tasks.append(engine.Task(id=key, constraint=held))
        tasks += [replace(one, calendar=f"{key}/{one.calendar}", parent=one.parent or key) for one in network.tasks]
        links += network.links
        calendars |= {f"{key}/{name}": source for name, source in network.calendars.items()}
        there, wanted = schedules.demand(own, member.around)
        supplies |= there
        needs += wanted
        ranks |= {str(task.id): place * _RANK - task.priority for task in own.values()}
        starts.append(network.start)
    zone = ZoneInfo(some[0].around.zone if some else DEFAULT_ZONE)
    status = moment_of(begin_of(as_of, zone))
    plan = engine.Plan(start=min(starts, default=status), tasks=tasks, links=links, calendars=calendars, status=status)
    possible, impossible = _possible(needs, supplies)
    return Joint(
        members=some,
        plan=plan,
        levelling=levelled(plan, supplies, possible, ranks),
        impossible=tuple(UUID(one) for one in impossible),
    )


def _possible(
    needs: Sequence[Assignment], supplies: Mapping[str, Sequence[Supply]]
) -> tuple[list[Assignment], list[str]]:
    """The needs that can be met some day, and the tasks that have others."""
    wanted: Counter[tuple[str, str]] = Counter()
    for task, resource, units in needs:
        wanted[task, resource] += units
    beyond = {
        (task, resource): None
        for (task, resource), units in wanted.items()
        if not supplies[resource] or units > supplies[resource][-1].units
    }
    possible = [one for one in needs if (one.task, one.resource) not in beyond]
    return possible, list(dict.fromkeys(task for task, _ in beyond))
