"""Moving the plan of a template to another first day: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from project_svc.plan.service import Task, WholePlan
from project_svc.project_templates.content.days import Days
from project_svc.project_templates.content.parts import RelativeDay, RelativeMoment, TemplateTask
from project_svc.scheduling.calendars.rules import Rules


class Moments(NamedTuple):
    """When a task has to be, and by when it should."""

    constraint_at: RelativeMoment | None
    deadline: RelativeMoment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """What the plan of a template says in distances from the first day.

    Attributes:
        rules: Of the calendar by which days are counted.
        due: When the project is due; None where the template says nothing.
        moments: Of tasks, by their ids; only of those of which there are any.
    """

    rules: Rules
    due: RelativeDay | None
    moments: Mapping[UUID, Moments]

    @classmethod
    def of(
        cls, tasks: Iterable[TemplateTask], keys: Mapping[str, UUID], *, rules: Rules, due: RelativeDay | None
    ) -> "Relative":
        """What tasks say that have got these ids by their keys."""
        said = {keys[task.key]: Moments(task.constraint_at, task.deadline) for task in tasks}
        return cls(rules=rules, due=due, moments={id: some for id, some in said.items() if any(some)})

    def moved(self, whole: WholePlan, day: date) -> WholePlan:
        """The plan as it would be if the project began on a day.

        Raises:
            OutOfCalendarError: No calendar reaches a date.
        """
        days = Days(day, self.rules)
        moved = {id: _moved(whole.tasks[id], said, days) for id, said in self.moments.items()}
        return replace(whole, tasks={**whole.tasks, **moved})

    def due_on(self, day: date) -> date | None:
        """When a project is due that begins on a day; raises what :meth:`moved` raises."""
        return None if self.due is None else Days(day, self.rules).day(self.due.distance)


def _moved(task: Task, said: Moments, days: Days) -> Task:
    known = {name: at for name, at in said._asdict().items() if at is not None}
    return task.with_(**{name: days.moment(at.distance, at.minutes) for name, at in known.items()})
