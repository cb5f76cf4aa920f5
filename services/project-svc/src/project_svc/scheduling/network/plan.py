"""What a plan is made of: tasks in a tree, links, constraints, progress; and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crm_contracts.plan.v1 import ConstraintKind, LinkKind
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import Source

__all__ = [
    "NO_CONSTRAINT",
    "STANDARD",
    "Conflict",
    "ConflictError",
    "Constraint",
    "ConstraintKind",
    "CycleError",
    "Link",
    "LinkKind",
    "Plan",
    "PlanError",
    "Progress",
    "Task",
]


class Constraint(NamedTuple):
    """A constraint with its moment; ASAP and ALAP have none."""

    kind: ConstraintKind
    moment: int | None = None


class Progress(NamedTuple):
    """What has happened to a task that has begun.

    Attributes:
        actual_start: When it began.
        actual_finish: When it ended; None while it is in progress.
        remaining: Working minutes left; not counted once it has ended.
        done: Working minutes that it took so far; behind them lies what is left, where the plan has no status date.
    """

    actual_start: int
    actual_finish: int | None = None
    remaining: int = 0
    done: int = 0


NO_CONSTRAINT = Constraint(ConstraintKind.AS_SOON_AS_POSSIBLE)
STANDARD = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task, a milestone (no duration), or a summary of the tasks that name it as their parent.

    Attributes:
        id: Its name in the plan.
        duration: Working minutes by its calendar; a summary's is that of its tasks.
        calendar: Key of its calendar.
        parent: The summary that it belongs to.
        constraint: See :class:`ConstraintKind`; a summary may only have SNET and FNLT.
        deadline: When it should have ended; limits its float, and nothing else.
        progress: None if it has not begun.
    """

    id: str
    duration: int = 0
    calendar: str = STANDARD
    parent: str | None = None
    constraint: Constraint = NO_CONSTRAINT
    deadline: int | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A dependency.

    Attributes:
        before: The predecessor.
        after: The successor.
        kind: Which ends it binds.
        lag: Minutes between them, negative for a lead; of working time by the successor's calendar.
        elapsed: Whether the lag is by the clock instead.
    """

    before: str
    after: str
    kind: LinkKind = LinkKind.FINISH_TO_START
    lag: int = 0
    elapsed: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that dates follow from; equal plans have equal schedules.

    Attributes:
        start: The moment before which nothing is planned.
        tasks: In any order; an id once.
        links: Between tasks; of a summary only its start is held, and only its finish holds others.
        calendars: By key; ``standard`` has to be there if a task uses it.
        status: Until when progress is known: what has not been done lies behind it. None for a plan without progress.
        must_finish: The moment from which late dates are counted back; None for the end of the plan.
    """

    start: int
    tasks: Sequence[Task]
    links: Sequence[Link] = ()
    calendars: Mapping[str, Source] = field(default_factory=lambda: {STANDARD: Rules()})
    status: int | None = None
    must_finish: int | None = None


class PlanError(ValueError):
    """A plan that means nothing.

    Attributes:
        task: The task that is wrong.
    """

    def __init__(self, task: str, message: str) -> None:
        self.task = task
        super().__init__(f"{task}: {message}")


class CycleError(PlanError):
    """Tasks that wait for each other.

    Attributes:
        path: The tasks around the cycle, in the order of their links; the first follows the last.
    """

    def __init__(self, path: Sequence[str]) -> None:
        self.path = tuple(path)
        super().__init__(self.path[0], f"waits for itself: {' → '.join((*self.path, self.path[0]))}")


class Conflict(NamedTuple):
    """A constraint that cannot hold.

    Attributes:
        task: Whose constraint it is.
        constraint: What it asks for.
        moment: The earliest start or finish, whichever the constraint is about, that is possible.
        path: The tasks that push it there, from the first to ``task``.
    """

    task: str
    constraint: Constraint
    moment: int
    path: tuple[str, ...]


class ConflictError(PlanError):
    """Constraints that cannot hold.

    Attributes:
        conflicts: All of them.
    """

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        first = self.conflicts[0]
        super().__init__(first.task, f"{first.constraint.kind} cannot hold: {' → '.join(first.path)}")
