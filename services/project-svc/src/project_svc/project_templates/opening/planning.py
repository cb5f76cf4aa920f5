"""The plan of a template as an edit of a project's plan."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from project_svc.plan.service import PlanEdit
from project_svc.project_templates.content.days import Days
from project_svc.project_templates.content.parts import Need, RelativeMoment, TemplatePlan, TemplateTask
from project_svc.project_templates.opening.people import People
from project_svc.project_templates.opening.places import placed

_WHOLE = 100
_AS_THEY_ARE = frozenset(TemplateTask.model_fields) - {"constraint_at", "deadline", "needs", "earning"}


class Unassigned(NamedTuple):
    """A task that needs somebody whom nobody was found to be."""

    task: str
    need: Need


@dataclass(slots=True, kw_only=True)
class Planning:
    """Turns the plan of a template into an edit.

    Attributes:
        days: Of the project.
        people: Who can be picked.
        usable: Machines and material that can still be planned.
        language: Of refusals.
        unassigned: What nobody was found for, once :meth:`edit` has run.
    """

    days: Days
    people: People
    usable: Collection[UUID]
    language: str
    unassigned: list[Unassigned] = field(default_factory=list)

    def edit(self, plan: TemplatePlan) -> PlanEdit:
        """The edit.

        Raises:
            TemplateRefused: No calendar reaches a date.
        """
        edit: dict[str, Any] = {"tasks": [self._task(task, place) for place, task in enumerate(plan.tasks)]}
        if plan.calendar_id is not None:
            edit["calendar_id"] = plan.calendar_id
        if plan.currency is not None:
            edit["currency"] = plan.currency
        with placed("/content/plan", self.language):
            return PlanEdit.model_validate(edit)

    def _task(self, task: TemplateTask, place: int) -> dict[str, Any]:
        values = {name: getattr(task, name) for name in _AS_THEY_ARE}
        values["estimate"] = None if task.estimate is None else dict(task.estimate)
        if task.earning is not None:
            values["earning"] = {
                "technique": task.earning.technique,
                "milestones": [dict(one) for one in task.earning.milestones],
                "base_task_id": task.earning.base_task,
            }
        if task.constraint_at is not None or task.deadline is not None:
            with placed(f"/content/plan/tasks/{place}", self.language):
                values["constraint_at"] = self._moment(task.constraint_at)
                values["deadline"] = self._moment(task.deadline)
        return values | {"assignments": list(self._assignments(task))}

    def _moment(self, at: RelativeMoment | None) -> Any:
        return None if at is None else self.days.moment(at.distance, at.minutes)

    def _assignments(self, task: TemplateTask) -> Iterator[dict[str, Any]]:
        taken: set[UUID] = set()
        for need in task.needs:
            found = need.resource_id if need.resource_id in self.usable else self._pick(task, need, taken)
            if found is None or found in taken:
                self.unassigned.append(Unassigned(task.key, need))
                continue
            taken.add(found)
            yield {"resource_id": found, "units": need.units, "effort": need.effort}

    def _pick(self, task: TemplateTask, need: Need, taken: Collection[UUID]) -> UUID | None:
        if need.resource_id is not None:
            return None
        work = need.effort if need.effort is not None else task.duration * need.units // _WHOLE
        return self.people.pick(need.skills, taken=taken, work=work)
