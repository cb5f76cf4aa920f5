"""What a service says about its operations: kinds with their steps, and sweeps."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, TypeVarTuple
from uuid import UUID

import orjson
from pydantic import BaseModel

from crm_platform.context import Caller
from crm_platform.db import Connection, Database
from crm_platform.errors import DomainError
from crm_platform.http.problems import problem_of
from crm_platform.objects.store import Objects
from crm_platform.operations.compute import Compute
from crm_platform.operations.gauge import Gauge
from crm_platform.operations.lifecycle import OperationStatus
from crm_platform.operations.looking import look
from crm_platform.uow import UnitOfWork
from crm_platform.words import Words

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
I = TypeVar("I", bound=BaseModel)  # noqa: E741  the input of a kind


class NoInput(BaseModel):
    """For kinds that need to know nothing."""


@dataclass(frozen=True, slots=True)
class More:
    """There is more to do, from this cursor on; any JSON."""

    cursor: Any


@dataclass(frozen=True, slots=True)
class Done:
    """All is done; the result is small JSON, such as figures or a link."""

    result: Any = None


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to do before this moment; the operation waits in the queue, and goes on from the cursor."""

    at: datetime
    cursor: Any = None


Next = More | Done | Later


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record.

    Attributes:
        number: Its place, such as the row of a file; unique within the operation.
        outcome: In one word, such as `created`, `skipped` or `failed`.
        subject_id: The record that it is about.
        problem: Why it failed.
        detail: Anything else, as JSON.
    """

    number: int
    outcome: str
    subject_id: UUID | None = None
    problem: DomainError | None = None
    detail: Any = None


@dataclass(slots=True)
class Progress:
    """How far an operation is; the step changes it, and its transaction writes it down."""

    done: int = 0
    total: int | None = None
    counters: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str, number: int = 1) -> None:
        """So many records more are dealt with, with this outcome."""
        self.done += number
        self.counters[outcome] = self.counters.get(outcome, 0) + number


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead(Generic[I]):
    """What is known before a step; for the work outside of a transaction, see :class:`OperationKind`.

    Attributes:
        id: The operation's.
        tenant_id: Whose it is.
        caller: Whoever asked, with the rights of the request; None for what nobody has asked for.
        input: What was asked for.
        cursor: What the step before left; None in the first.
        compute: Runs functions in other processes.
        database: For reading.
        objects: Where files are.
        gauge: Where a computation in another process tells how far it is: that is shown as done beside what steps have
            done, until the step says what it was.
    """

    id: UUID
    tenant_id: UUID
    caller: Caller | None
    input: I
    cursor: Any
    compute: Compute
    database: Database
    objects: Objects
    gauge: Gauge = field(default_factory=Gauge)

    async def look(self, function: Callable[[Connection, *Ts], Awaitable[T]], *arguments: *Ts) -> T:
        """What an importable async ``function`` returns in another process, where it is given a connection first.

        Raises:
            Unavailable: The database does not answer.
        """
        return await self.compute(look, self.database, self.tenant_id, function, arguments)


@dataclass(slots=True, kw_only=True)
class Step(Generic[I]):
    """One step of an operation: a transaction that does a bounded piece of the work.

    Attributes:
        unit: The open transaction, on behalf of whoever asked (or of the system, as the kind says); its changes carry
            actor and correlation id of the request that began the operation.
        id: The operation's.
        input: What was asked for.
        cursor: What the step before left; None in the first.
        prepared: What the kind's ``prepare`` returned for this step.
        progress: To be brought up to date.
    """

    unit: UnitOfWork
    id: UUID
    input: I
    cursor: Any
    prepared: Any
    progress: Progress

    async def record(self, results: Sequence[Result]) -> None:
        """Keep what became of single records and count them as done, under their outcomes."""
        language = self.unit.caller.language
        rows = [
            (
                one.number,
                one.outcome,
                one.subject_id,
                _json(None if one.problem is None else problem_of(one.problem, language)),
                _json(one.detail),
            )
            for one in results
        ]
        if rows:
            await self.unit.connection.execute(_RECORD, self.id, *map(list, zip(*rows, strict=True)))
        for one in results:
            self.progress.count(one.outcome)


_RECORD = """
INSERT INTO operation_results (operation_id, number, outcome, subject_id, problem, detail)
SELECT $1, number, outcome, subject_id, problem::jsonb, detail::jsonb
FROM unnest($2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[])
  AS given (number, outcome, subject_id, problem, detail)
"""


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


Prepare = Callable[[Ahead[Any]], Coroutine[Any, Any, Any]]
Ended = Callable[[Step[Any], OperationStatus], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class OperationKind(Generic[I]):
    """One kind of long work.

    Attributes:
        name: Such as `customers.import`; stays as long as there are operations of this kind.
        title: For people.
        input: What it needs to know; small, since it is kept and shown.
        step: Does the next piece, in one transaction that also moves the cursor and the counters: whatever happens to
            processes, each step takes effect once. A few hundred records, or a second, are a good size.
        prepare: What has to be done before a step and outside of its transaction: reading a file, computing in another
            process. May be done more than once for one step, so it changes nothing. Ended at once by cancel and pause.
        foresee: The cursor that a step will leave, told from what was prepared for it: the next step is then prepared
            while this one is done. None where that is not known, or where the next one needs what this one writes.
        ended: Told in the transaction in which an operation ends, however it does: clean up, publish an event. Its
            step has no ``prepared``.
        unit: What progress counts.
        tries: Attempts at a step that fails for reasons that pass.
        step_seconds: Time that one step may take.
        cancellable: Whether it may be paused and cancelled.
        as_system: Works with all rights in the name of the service, not with those of whoever asked.
    """

    name: str
    title: Words
    input: type[I]
    step: Callable[[Step[I]], Awaitable[Next]]
    prepare: Prepare | None = None
    foresee: Callable[[Any], Any] | None = None
    ended: Ended | None = None
    unit: str = "records"
    tries: int = 8
    step_seconds: float = 30.0
    cancellable: bool = True
    as_system: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A kind that begins for every tenant of the service from time to time, with no input.

    A tenant whose last one is still at work is left out. The period is kept in the database: several workers, and
    workers that restart, begin it once.
    """

    kind: OperationKind[NoInput]
    every: timedelta


Standing = Callable[[Connection, Caller, datetime], Awaitable[Caller | None]]
"""The rights that a caller has at this moment who has asked at another, read in the transaction of a step; None for
none at all, or where nobody can say."""
