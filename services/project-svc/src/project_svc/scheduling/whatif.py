"""What if: edits to a plan, and what they would do to dates, cost and the critical path. Nothing is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from project_svc.scheduling.baselines import Baseline, Comparison, Cost, baseline_of, compared
from project_svc.scheduling.calendars.worktime import Source
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import STANDARD, Link, Plan, PlanError, Task
from project_svc.scheduling.network.schedule import Schedule


@dataclass(frozen=True, slots=True)
class PutTask:
    """A task is added, or takes the place of the one with its id; what it costs is as before if None."""

    task: Task
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class RemoveTask:
    """A task goes, with all that is in it and all their links."""

    task: str


@dataclass(frozen=True, slots=True)
class PutLink:
    """A link is added, or takes the place of the one of the same kind between the same tasks."""

    link: Link


@dataclass(frozen=True, slots=True)
class RemoveLink:
    """All links from one task to another go."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PutCalendar:
    """A calendar is added or replaced."""

    key: str
    calendar: Source


@dataclass(frozen=True, slots=True)
class MoveStart:
    """The plan begins at another moment."""

    start: int


Edit = PutTask | RemoveTask | PutLink | RemoveLink | PutCalendar | MoveStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What edits would do.

    Attributes:
        plan: The plan with them.
        schedule: Its dates.
        baseline: Its dates and cost, to compare with others.
        comparison: With the plan as it is.
    """

    plan: Plan
    schedule: Schedule
    baseline: Baseline
    comparison: Comparison


def what_if(
    plan: Plan, edits: Sequence[Edit], costs: Mapping[str, Cost] | None = None, calendar: str = STANDARD
) -> Outcome:
    """What the edits, one after the other, would do to a plan.

    Args:
        plan: As it is; stays so.
        edits: What would be different.
        costs: By task; free if not there.
        calendar: Key of the one in whose working time differences are given.

    Raises:
        PlanError: An edit refers to something that is not there, or the plan would mean nothing.
    """
    edited, prices = plan, dict(costs or {})
    for edit in edits:
        edited = _edited(edited, edit)
        if isinstance(edit, PutTask) and edit.cost is not None:
            prices[edit.task.id] = edit.cost
    before = baseline_of(plan, scheduled(plan, tolerant=True), costs)
    schedule = scheduled(edited)
    after = baseline_of(edited, schedule, prices)
    comparison = compared(before, after, edited.calendars[calendar])
    return Outcome(plan=edited, schedule=schedule, baseline=after, comparison=comparison)


def _edited(plan: Plan, edit: Edit) -> Plan:
    match edit:
        case PutTask(task):
            tasks = {one.id: one for one in plan.tasks} | {task.id: task}
            return replace(plan, tasks=tuple(tasks.values()))
        case RemoveTask(task):
            return _without(plan, task)
        case PutLink(link):
            others = [one for one in plan.links if _key(one) != _key(link)]
            return replace(plan, links=(*others, link))
        case RemoveLink(before, after):
            kept = tuple(one for one in plan.links if (one.before, one.after) != (before, after))
            if len(kept) == len(plan.links):
                raise PlanError(after, f"has no link from {before}")
            return replace(plan, links=kept)
        case PutCalendar(key, calendar):
            return replace(plan, calendars={**plan.calendars, key: calendar})
        case MoveStart(start):
            return replace(plan, start=start)


def _without(plan: Plan, task: str) -> Plan:
    if task not in {one.id for one in plan.tasks}:
        raise PlanError(task, "is not there")
    children: dict[str, list[str]] = {}
    for one in plan.tasks:
        if one.parent is not None:
            children.setdefault(one.parent, []).append(one.id)
    gone = [task]
    for name in gone:
        gone += children.get(name, ())
    removed = set(gone)
    return replace(
        plan,
        tasks=tuple(one for one in plan.tasks if one.id not in removed),
        links=tuple(one for one in plan.links if not removed & {one.before, one.after}),
    )


def _key(link: Link) -> tuple[str, str, str]:
    return link.before, link.after, link.kind
