"""The content of a template, as clients send and get it; members are called as in the records that they become."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from crm_contracts.base import DecimalString
from crm_contracts.control.v1 import GateKind
from crm_contracts.delivery.v1 import DeemedAcceptance, Frequency
from crm_contracts.outcome.v1 import Direction, MeasureSource
from crm_contracts.plan.v1 import ConstraintKind, EarningTechnique, TaskKind
from crm_contracts.project.v1 import RiskCategory
from crm_contracts.risk.v1 import ResponseStrategy
from crm_platform.http.fields import NUMERIC, Currency, LongText, Name, Price, Tags
from project_svc.deliveries import service as deliveries
from project_svc.monitors import service as monitors
from project_svc.outcomes import service as outcomes
from project_svc.plan import service as plans
from project_svc.project_templates.content.days import Distance
from project_svc.projects import service as projects
from project_svc.quality_gates import service as quality_gates
from project_svc.risks import service as risks

_MOST_DAYS = 100_000
_TWO_DAYS = 2 * 24 * 60
_Days = Annotated[int, Field(ge=-_MOST_DAYS, le=_MOST_DAYS), NUMERIC]
_Positive = Annotated[int, Field(ge=1, le=1000), NUMERIC]


class Part(BaseModel):
    """A part of a template."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RelativeDay(Part):
    """A day of a project, counted from its first one."""

    days: _Days
    working: bool = Field(
        default=False,
        description="Whether working days of the plan's calendar are counted: 0 is the first one from the start on.",
    )

    @property
    def distance(self) -> Distance:
        """As it is counted with."""
        return Distance(self.days, self.working)


class RelativeMoment(RelativeDay):
    """A moment of a project."""

    minutes: Annotated[int, Field(ge=0, le=_TWO_DAYS), NUMERIC] = Field(
        default=0, description="Since the midnight with which the day begins, in the time zone of the plan's calendar."
    )


class Charter(Part):
    """What a project is for; what is said when one is opened goes before it."""

    objectives: projects.Points = ()
    scope_in: projects.Points = ()
    scope_out: projects.Points = ()
    success_criteria: projects.Points = ()
    budget: Price | None = None
    risk_threshold: Annotated[int, Field(ge=1, le=49), NUMERIC] = projects.DEFAULT_RISK_THRESHOLD
    due_on: RelativeDay | None = None


class Need(Part):
    """What a task needs: somebody with skills, or a machine or material of the company's."""

    skills: Tags = Field(default=(), description="All of which a person must have; without any, nobody is matched.")
    resource_id: UUID | None = Field(default=None, description="In the place of skills.")
    units: plans.Units = 100
    effort: plans.Minutes | None = None


class TemplateStep(Part):
    """A step of a task with its share of the value."""

    name: Name
    weight: Annotated[int, Field(ge=1, le=1000), NUMERIC]


class TemplateEarning(Part):
    """How a task earns its value."""

    technique: EarningTechnique
    milestones: Annotated[tuple[TemplateStep, ...], Field(max_length=50)] = ()
    base_task: plans.Key | None = Field(
        default=None, description="Of `apportioned_effort`: key of the task in proportion to which it earns."
    )


class TemplateTask(Part):
    """A task; those of which it is the `parent` make it a summary."""

    key: plans.Key
    parent: plans.Key | None = None
    name: Name
    description: LongText | None = None
    wbs_code: plans.Code | None = None
    kind: plans.WorkKind = TaskKind.TASK
    duration: plans.Minutes = Field(default=0, description="Minutes of working time.")
    effort: plans.Minutes | None = None
    effort_driven: bool = False
    estimate: plans.EstimateIn | None = None
    constraint_kind: ConstraintKind = ConstraintKind.AS_SOON_AS_POSSIBLE
    constraint_at: RelativeMoment | None = None
    deadline: RelativeMoment | None = None
    calendar_id: UUID | None = None
    fixed_cost: Price | None = None
    priority: plans.Priority = plans.ORDINARY
    predecessors: Annotated[tuple[plans.LinkPut, ...], Field(max_length=200)] = ()
    needs: Annotated[tuple[Need, ...], Field(max_length=100)] = ()
    earning: TemplateEarning | None = None


class TemplatePlan(Part):
    """A work breakdown, from which the schedule of each project computes its dates."""

    calendar_id: UUID | None = Field(default=None, description="One of the company's; office hours where null.")
    currency: Currency | None = Field(default=None, description="That of the budget where null.")
    tasks: Annotated[tuple[TemplateTask, ...], Field(max_length=plans.MOST_TASKS)] = ()


class TemplateDeliverable(Part):
    """Something that is handed to the customer."""

    key: plans.Key | None = Field(default=None, description="How parts of it and quality gates call it.")
    name: Name
    acceptance_criteria: deliveries.CriterionTexts = ()
    due_on: RelativeDay
    deemed_acceptance: DeemedAcceptance | None = None
    part_of: plans.Key | None = Field(default=None, description="Key of a deliverable before it.")


class TemplateRecurring(Part):
    """Deliverables that recur; they end after `count` of them or on the day `until`."""

    name: Name
    acceptance_criteria: deliveries.CriterionTexts = ()
    frequency: Frequency
    interval: Annotated[int, Field(ge=1, le=366), NUMERIC] = 1
    first_due_on: RelativeDay
    count: _Positive | None = None
    until: RelativeDay | None = None
    lead_days: Annotated[int, Field(ge=0, le=366), NUMERIC] = 14


class TemplateAction(Part):
    """Something that is done about a risk."""

    title: Name
    due_on: RelativeDay | None = None
    cost: Price | None = None


class TemplateRisk(Part):
    """What usually goes wrong, by the company's scale."""

    title: Name
    category: RiskCategory
    probability: risks.Step
    impact: risks.Step
    likelihood_percent: risks.Percent | None = None
    cost_impact: risks.CostEstimate | None = None
    delay_impact: risks.DelayEstimate | None = None
    tasks: Annotated[tuple[plans.Key, ...], Field(max_length=500)] = Field(
        default=(), description="Keys of the tasks that it makes longer."
    )
    response: LongText | None = None
    strategy: ResponseStrategy | None = None
    actions: Annotated[tuple[TemplateAction, ...], Field(max_length=50)] = ()
    residual_probability: risks.Step | None = None
    residual_impact: risks.Step | None = None


class TemplateGate(Part):
    """A point that the project passes only if what was made is good enough."""

    name: Name
    kind: GateKind
    mandatory: bool = True
    planned_on: RelativeDay
    task: plans.Key | None = Field(default=None, description="Key of the task or milestone that it belongs to.")
    deliverable: plans.Key | None = Field(default=None, description="Key of the deliverable that it is about.")
    checklist: quality_gates.Checklist | None = Field(
        default=None, description="The ready-made one of its kind if absent."
    )


class TemplateOutcome(Part):
    """An indicator that the project is to move."""

    name: Name
    unit: outcomes.Unit
    direction: Direction = Direction.INCREASE
    source: MeasureSource = MeasureSource.TYPED
    baseline: DecimalString
    baseline_on: RelativeDay | None = None
    target: DecimalString
    target_on: RelativeDay | None = None
    measure_on: Annotated[tuple[RelativeDay, ...], Field(max_length=120)] = ()
    benefit: Price | None = None
    cost: Price | None = None
    review_on: RelativeDay | None = None


class TemplateMonitor(monitors.MonitorFields):
    """A metric of the project to watch."""

    @field_serializer("warning", "critical", "margin", when_used="json")
    def as_short_as_it_can_be(self, figure: Decimal) -> str:
        """As decimals travel: equal figures are equal texts, and so are the fingerprints of equal contents."""
        return format(figure.normalize(), "f")


class TemplateContent(Part):
    """What a project of the template begins with."""

    charter: Charter = Charter()
    plan: TemplatePlan = TemplatePlan()
    deliverables: Annotated[tuple[TemplateDeliverable, ...], Field(max_length=200)] = ()
    recurring_deliverables: Annotated[tuple[TemplateRecurring, ...], Field(max_length=50)] = ()
    risks: Annotated[tuple[TemplateRisk, ...], Field(max_length=200)] = ()
    quality_gates: Annotated[tuple[TemplateGate, ...], Field(max_length=100)] = ()
    outcomes: Annotated[tuple[TemplateOutcome, ...], Field(max_length=100)] = ()
    monitors: Annotated[tuple[TemplateMonitor, ...], Field(max_length=50)] = ()
