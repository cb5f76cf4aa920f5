"""All parts of a project out of a template, each made by its own slice with that one's checks."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from crm_platform.errors import FieldProblem
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.deliveries import service as deliveries
from project_svc.deliveries.service import DeliveryCreate
from project_svc.delivery_schedules import service as delivery_schedules
from project_svc.delivery_schedules.service import DeliveryScheduleCreate
from project_svc.monitors import service as monitors
from project_svc.monitors.service import MonitorCreate
from project_svc.outcomes import service as outcomes
from project_svc.outcomes.service import OutcomeCreate
from project_svc.plan import service as plans
from project_svc.project_templates.content.days import Days
from project_svc.project_templates.content.parts import (
    Part,
    RelativeDay,
    TemplateContent,
    TemplateDeliverable,
    TemplateGate,
    TemplatePlan,
    TemplateRisk,
)
from project_svc.project_templates.opening.drafting import Sketch, drafted, rules_of
from project_svc.project_templates.opening.places import KEY_TWICE, UNKNOWN_KEY, placed, refused
from project_svc.project_templates.opening.planning import Unassigned
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates
from project_svc.quality_gates.service import QualityGateCreate
from project_svc.risks import service as risks
from project_svc.risks.service import RiskCreate


@dataclass(slots=True, kw_only=True)
class Built:
    """What a project has got of a template.

    Attributes:
        tasks: Ids by the keys of the template.
        unassigned: What nobody was found for.
    """

    tasks: Mapping[str, UUID] = field(default_factory=dict)
    unassigned: Sequence[Unassigned] = ()
    deliverables: list[DeliveryCreate] = field(default_factory=list)
    recurring_deliverables: list[DeliveryScheduleCreate] = field(default_factory=list)
    risks: list[RiskCreate] = field(default_factory=list)
    quality_gates: list[QualityGateCreate] = field(default_factory=list)
    outcomes: list[OutcomeCreate] = field(default_factory=list)
    monitors: list[MonitorCreate] = field(default_factory=list)


async def days_of(unit: UnitOfWork, plan: TemplatePlan, starts_on: date) -> Days:
    """The days of a project that begins then, by the calendar of a template's plan."""
    return Days(starts_on, await rules_of(unit.connection, plan))


async def build(
    unit: UnitOfWork,
    project: projects.Project,
    content: TemplateContent,
    *,
    latest: date | None,
    sketch: Sketch | None = None,
) -> Built:
    """Give a project, opened in this transaction, all that a template has.

    Args:
        unit: The transaction.
        project: It.
        content: Of the template.
        latest: Nothing is due after this day.
        sketch: The plan of a project that is going to be taken back: of this only the tasks are written that other
            parts refer to.

    Raises:
        TemplateRefused: Something cannot be so; the error names the place in the template.
    """
    # Somebody may open a project for a team whose records he or she does not see.
    opener = replace(unit.caller, visibility="all")
    everybody = UnitOfWork(unit.connection, opener, unit.cause, clock=lambda: unit.now)
    days = await days_of(unit, content.plan, project.starts_on)
    builder = _Builder(unit=everybody, project=project, days=days, latest=latest)
    if sketch is None:
        await builder.add_plan(content.plan)
    else:
        await builder.stand_in(sketch, content)
    await builder.add_deliverables(content)
    await builder.add_risks(content.risks)
    await builder.add_gates(content.quality_gates)
    await builder.add_outcomes_and_monitors(content)
    return builder.built


@dataclass(slots=True, kw_only=True)
class _Builder:
    unit: UnitOfWork
    project: projects.Project
    days: Days
    latest: date | None
    built: Built = field(default_factory=Built)
    delivered: dict[str, UUID] = field(default_factory=dict)
    """Ids of deliverables by their keys."""

    @property
    def language(self) -> str:
        return self.unit.caller.language

    async def add_plan(self, plan: TemplatePlan) -> None:
        if plan == TemplatePlan():
            return
        draft = await drafted(self.unit.connection, plan, self.days, self.language)
        with placed("/content/plan", self.language):
            keys = await plans.lay_out(self.unit, self.project, draft.edit)
        self.built.tasks = keys
        self.built.unassigned = draft.unassigned

    async def stand_in(self, sketch: Sketch, content: TemplateContent) -> None:
        wanted = {key for risk in content.risks for key in risk.tasks}
        wanted |= {gate.task for gate in content.quality_gates if gate.task is not None}
        ids = {sketch.keys[key] for key in wanted if key in sketch.keys}
        await plans.stand_in(self.unit, [sketch.whole.tasks[id] for id in ids])
        self.built.tasks = sketch.keys
        self.built.unassigned = sketch.unassigned

    async def add_deliverables(self, content: TemplateContent) -> None:
        for place, one in enumerate(content.deliverables):
            pointer = f"/content/deliverables/{place}"
            with placed(pointer, self.language):
                body = DeliveryCreate.model_validate(self._deliverable(one, pointer))
                made = await deliveries.plan_delivery(self.unit, body)
            self.built.deliverables.append(body)
            if one.key is not None:
                self.delivered[one.key] = made.id
        for place, recurring in enumerate(content.recurring_deliverables):
            with placed(f"/content/recurring_deliverables/{place}", self.language):
                schedule = DeliveryScheduleCreate.model_validate(self._body(recurring))
                await delivery_schedules.create_schedule(self.unit, schedule)
            self.built.recurring_deliverables.append(schedule)

    def _deliverable(self, one: TemplateDeliverable, pointer: str) -> dict[str, Any]:
        if one.key is not None and one.key in self.delivered:
            raise refused(FieldProblem(f"{pointer}/key", "key_used_twice", KEY_TWICE.into(self.language)))
        values = self._body(one, without={"key"})
        if self.latest is not None:
            values["due_on"] = min(values["due_on"], self.latest)
        return values | {"part_of": self._known(self.delivered, one.part_of, f"{pointer}/part_of")}

    async def add_risks(self, threats: Sequence[TemplateRisk]) -> None:
        for place, threat in enumerate(threats):
            pointer = f"/content/risks/{place}"
            tasks = tuple(
                self._known(self.built.tasks, key, f"{pointer}/tasks/{number}")
                for number, key in enumerate(threat.tasks)
            )
            with placed(pointer, self.language):
                self.built.risks.append(await self._risk(threat, tasks))

    async def _risk(self, threat: TemplateRisk, tasks: tuple[Any, ...]) -> RiskCreate:
        values = self._body(threat, without={"tasks", *_OF_RESPONSE, "response"})
        body = RiskCreate.model_validate({**_said(values), "task_ids": tasks})
        id = (await risks.raise_risk(self.unit, body)).id
        if threat.response is not None:
            await risks.assess_risk(self.unit, id, risks.Assessment(response=threat.response), if_match=ANY_VERSION)
        plan = _said({name: getattr(threat, name) for name in _OF_RESPONSE})
        if threat.actions:
            plan["actions"] = [self._values(action) for action in threat.actions]
        if plan:
            response = risks.ResponsePlan.model_validate(plan)
            await risks.plan_response(self.unit, id, response, if_match=ANY_VERSION)
        return body

    async def add_gates(self, gates: Sequence[TemplateGate]) -> None:
        for place, gate in enumerate(gates):
            pointer = f"/content/quality_gates/{place}"
            values = self._gate(gate, pointer)
            with placed(pointer, self.language):
                body = QualityGateCreate.model_validate(values)
                await quality_gates.plan_gate(self.unit, body)
            self.built.quality_gates.append(body)

    def _gate(self, gate: TemplateGate, pointer: str) -> dict[str, Any]:
        with placed(pointer, self.language):
            values = self._body(gate, without={"task", "deliverable"})
        return values | {
            "task_id": self._known(self.built.tasks, gate.task, f"{pointer}/task"),
            "delivery_id": self._known(self.delivered, gate.deliverable, f"{pointer}/deliverable"),
        }

    async def add_outcomes_and_monitors(self, content: TemplateContent) -> None:
        for place, outcome in enumerate(content.outcomes):
            with placed(f"/content/outcomes/{place}", self.language):
                wanted = OutcomeCreate.model_validate(self._body(outcome))
                await outcomes.plan_outcome(self.unit, wanted)
            self.built.outcomes.append(wanted)
        for place, monitor in enumerate(content.monitors):
            with placed(f"/content/monitors/{place}", self.language):
                watched = MonitorCreate(project_id=self.project.id, **dict(monitor))
                await monitors.create_monitor(self.unit, watched)
            self.built.monitors.append(watched)

    def _body(self, part: Part, *, without: AbstractSet[str] = frozenset()) -> dict[str, Any]:
        """A part as the body of the request that makes it."""
        values = self._values(part)
        return {name: value for name, value in values.items() if name not in without} | {"project_id": self.project.id}

    def _values(self, part: Part) -> dict[str, Any]:
        """The members of a part, with days of this project."""
        return {name: self._absolute(getattr(part, name)) for name in type(part).model_fields}

    def _absolute(self, value: Any) -> Any:
        if isinstance(value, RelativeDay):
            return self.days.day(value.distance)
        if isinstance(value, tuple):
            return tuple(self._absolute(one) for one in value)
        return value

    def _known(self, known: Mapping[str, UUID], key: str | None, pointer: str) -> UUID | None:
        if key is None:
            return None
        if key not in known:
            raise refused(FieldProblem(pointer, "unknown_key", UNKNOWN_KEY.into(self.language)))
        return known[key]


_OF_RESPONSE = frozenset({"strategy", "residual_probability", "residual_impact", "actions"})


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, ())}
