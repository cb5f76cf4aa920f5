import pytest
from pydantic import BaseModel

from crm_platform.reads import Resource
from crm_platform.testing.plugin import RunningService
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.acceptance_links.schemas import AcceptanceLinkRead
from project_svc.baselines.models import BASELINES
from project_svc.baselines.schemas import BaselineRead
from project_svc.change_requests.models import CHANGE_REQUESTS
from project_svc.change_requests.schemas import ChangeRequestRead
from project_svc.closing_reports.models import CLOSING_REPORTS
from project_svc.closing_reports.schemas import ClosingReportRead
from project_svc.corrective_actions.models import CORRECTIVE_ACTIONS
from project_svc.corrective_actions.schemas import CorrectiveActionRead
from project_svc.costs.models import PROJECT_COSTS
from project_svc.costs.schemas import ProjectCostRead
from project_svc.deliveries.models import DELIVERIES
from project_svc.deliveries.schemas import DeliveryRead
from project_svc.delivery_schedules.models import DELIVERY_SCHEDULES
from project_svc.delivery_schedules.schemas import DeliveryScheduleRead
from project_svc.documents.models import DOCUMENTS
from project_svc.documents.schemas import DocumentRead
from project_svc.expenses.models import EXPENSES
from project_svc.expenses.schemas import ExpenseRead
from project_svc.issues.models import ISSUES
from project_svc.issues.schemas import IssueRead
from project_svc.lessons.models import LESSONS
from project_svc.lessons.schemas import LessonRead
from project_svc.monitors.models import MONITORS
from project_svc.monitors.schemas import MonitorRead
from project_svc.outcomes.models import OUTCOMES
from project_svc.outcomes.schemas import OutcomeRead
from project_svc.plan.models import PLANS, TASKS
from project_svc.plan.schemas import PlanState, TaskRead
from project_svc.progress.models import PROGRESS_REPORTS
from project_svc.progress.schemas import ProgressReportRead
from project_svc.project_templates.models import PROJECT_TEMPLATES
from project_svc.project_templates.schemas import TemplateRead
from project_svc.projects.models import PROJECTS
from project_svc.projects.schemas import ProjectRead
from project_svc.quality_gates.models import QUALITY_GATES
from project_svc.quality_gates.schemas import QualityGateRead
from project_svc.resources.models import RESOURCES
from project_svc.resources.schemas import ResourceRead
from project_svc.risks.models import RISKS
from project_svc.risks.repository import MATRIX
from project_svc.risks.schemas import RiskMatrix, RiskRead
from project_svc.timesheets.models import TIMESHEETS
from project_svc.timesheets.schemas import TimesheetRead
from project_svc.work_calendars.models import WORK_CALENDARS
from project_svc.work_calendars.schemas import WorkCalendarRead


@pytest.mark.parametrize(
    ("resource", "schema"),
    [
        (PROJECTS.resource, ProjectRead),
        (DELIVERIES.resource, DeliveryRead),
        (DOCUMENTS.resource, DocumentRead),
        (DELIVERY_SCHEDULES.resource, DeliveryScheduleRead),
        (ACCEPTANCE_LINKS.resource, AcceptanceLinkRead),
        (OUTCOMES.resource, OutcomeRead),
        (RISKS.resource, RiskRead),
        (MATRIX, RiskMatrix),
        (PLANS.resource, PlanState),
        (TASKS.resource, TaskRead),
        (RESOURCES.resource, ResourceRead),
        (WORK_CALENDARS.resource, WorkCalendarRead),
        (QUALITY_GATES.resource, QualityGateRead),
        (CORRECTIVE_ACTIONS.resource, CorrectiveActionRead),
        (PROGRESS_REPORTS.resource, ProgressReportRead),
        (TIMESHEETS.resource, TimesheetRead),
        (EXPENSES.resource, ExpenseRead),
        (PROJECT_COSTS.resource, ProjectCostRead),
        (ISSUES.resource, IssueRead),
        (MONITORS.resource, MonitorRead),
        (BASELINES.resource, BaselineRead),
        (CHANGE_REQUESTS.resource, ChangeRequestRead),
        (LESSONS.resource, LessonRead),
        (PROJECT_TEMPLATES.resource, TemplateRead),
        (CLOSING_REPORTS.resource, ClosingReportRead),
    ],
    ids=[
        "project",
        "delivery",
        "document",
        "schedule",
        "link",
        "outcome",
        "risk",
        "risk matrix",
        "plan",
        "task",
        "resource",
        "working calendar",
        "quality gate",
        "corrective action",
        "progress report",
        "timesheet",
        "expense",
        "cost",
        "issue",
        "monitor",
        "baseline",
        "change request",
        "lesson",
        "project template",
        "closing report",
    ],
)
def test_the_schema_has_the_members_that_the_database_renders(resource: Resource, schema: type[BaseModel]) -> None:
    assert tuple(schema.model_fields) == resource.field_names()


async def test_the_openapi_document_names_every_operation_once(service: RunningService) -> None:
    operations = [
        operation["operationId"]
        for path, item in service.app.openapi()["paths"].items()
        if path.startswith("/v1/")
        for operation in item.values()
    ]

    assert sorted(operations) == sorted(set(operations))
    assert {"open_project", "approve_project", "reject_delivery", "assess_risk", "get_risk_matrix"} <= set(operations)
