"""What this service is made of."""

from crm_contracts.closing.v1 import LessonUpdated
from crm_contracts.document.v1 import DocumentUpdated
from crm_contracts.duplicate.v1 import CustomerMerged, CustomerUnmerged
from crm_contracts.identity.v1 import UserUpdated
from crm_contracts.inbound.v1 import ErpCostRecorded, OaApprovalDecided
from crm_contracts.outcome.v1 import OutcomeMoved
from crm_contracts.project.v1 import DeliveryMoved, ProjectUpdated, RiskMoved
from crm_contracts.requirement.v1 import RequirementHandedOver, RequirementRejected
from crm_contracts.risk.v1 import RiskSimulationMoved
from crm_contracts.sales.v1 import ContractSigned, OpportunityWon
from crm_contracts.service_desk.v1 import SurveyAnswered, SurveyMoved, SurveySent
from crm_platform.access.endpoints import access_router
from crm_platform.following import Following, Reference
from crm_platform.history.endpoints import history_router
from crm_platform.merge_events import merge_consumers
from crm_platform.operations.endpoints import operations_router
from crm_platform.search.filling import filling
from crm_platform.service import BatchConsumer, Consumer, Service
from project_svc.acceptance_links import endpoints as acceptance_links
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.acceptances import endpoints as acceptances
from project_svc.acceptances.operations import ACCEPT_UNDECIDED
from project_svc.attachments import endpoints as attachments
from project_svc.baselines import endpoints as baselines
from project_svc.baselines.models import BASELINES
from project_svc.capacity import endpoints as capacity
from project_svc.change_requests import endpoints as change_requests
from project_svc.change_requests.models import CHANGE_REQUESTS
from project_svc.closing_reports import endpoints as closing_reports
from project_svc.closing_reports.models import CLOSING_REPORTS
from project_svc.closing_rules import endpoints as closing_rules
from project_svc.closing_rules.models import CLOSING_RULES
from project_svc.corrective_actions import endpoints as corrective_actions
from project_svc.corrective_actions.models import CORRECTIVE_ACTIONS
from project_svc.corrective_actions.service import OVERDUE
from project_svc.costs import endpoints as costs
from project_svc.costs.consumers import on_cost_recorded
from project_svc.costs.models import PROJECT_COSTS
from project_svc.deliveries import endpoints as deliveries
from project_svc.deliveries.models import DELIVERIES
from project_svc.delivery_rates import endpoints as delivery_rates
from project_svc.delivery_schedules import endpoints as delivery_schedules
from project_svc.delivery_schedules.models import DELIVERY_SCHEDULES
from project_svc.delivery_schedules.operations import PLAN_RECURRING
from project_svc.documents.models import DOCUMENTS
from project_svc.documents.operations import ORPHANS
from project_svc.exchange import endpoints as exchange
from project_svc.expenses import endpoints as expenses
from project_svc.expenses.models import EXPENSES
from project_svc.holdings import ACCESS, ERASURES
from project_svc.issues import endpoints as issues
from project_svc.issues.models import ISSUES
from project_svc.known_companies.models import KNOWN_COMPANIES
from project_svc.known_contacts.models import KNOWN_CONTACTS
from project_svc.known_customers.models import KNOWN_CUSTOMERS
from project_svc.known_teams.models import KNOWN_MEMBERS, KNOWN_TEAMS
from project_svc.lessons import endpoints as lessons
from project_svc.lessons.models import LESSONS
from project_svc.lifecycle import endpoints as lifecycle
from project_svc.lifecycle.consumers import on_approval_decided, on_contracts_signed, on_opportunities_won
from project_svc.merged_customers.models import MOVES, SUCCESSORS
from project_svc.metadata import METADATA
from project_svc.monitoring import endpoints as monitoring
from project_svc.monitors import endpoints as monitors
from project_svc.monitors.models import MONITORS
from project_svc.monitors.operations import WATCH
from project_svc.outcome_reports import endpoints as outcome_reports
from project_svc.outcomes import endpoints as outcomes
from project_svc.outcomes.consumers import on_surveys
from project_svc.outcomes.models import OUTCOMES
from project_svc.outcomes.operations import REVIEWS_DUE
from project_svc.plan import endpoints as plan
from project_svc.plan.models import PLANS, TASKS
from project_svc.portfolio import endpoints as portfolio
from project_svc.portfolio_trials import endpoints as portfolio_trials
from project_svc.portfolio_trials.operations import TRY
from project_svc.progress import endpoints as progress
from project_svc.progress.models import PROGRESS_REPORTS
from project_svc.project_templates import endpoints as project_templates
from project_svc.project_templates.models import PROJECT_TEMPLATES
from project_svc.projects import endpoints as projects
from project_svc.projects.models import PROJECTS
from project_svc.quality_gates import endpoints as quality_gates
from project_svc.quality_gates.models import QUALITY_GATES
from project_svc.requirement_intake.consumers import on_requirement_handed_over, on_requirement_rejected
from project_svc.requirement_intake.models import REQUIREMENT_INTAKES
from project_svc.resources import endpoints as resources
from project_svc.resources.models import RESOURCES
from project_svc.risk_grading import endpoints as risk_grading
from project_svc.risk_grading.operations import GRADING
from project_svc.risk_rules import endpoints as risk_rules
from project_svc.risk_rules.models import RISK_RULES
from project_svc.risk_rules.operations import LOOK
from project_svc.risk_scales import endpoints as risk_scales
from project_svc.risk_scales.models import RISK_SCALES
from project_svc.risk_simulations import endpoints as risk_simulations
from project_svc.risk_simulations.models import RISK_SIMULATIONS
from project_svc.risk_simulations.operations import SIMULATION
from project_svc.risks import endpoints as risks
from project_svc.risks.models import RISKS
from project_svc.risks.schemas import RiskRead
from project_svc.schedules import endpoints as schedules
from project_svc.schedules.operations import OPTIMISE
from project_svc.standings.operations import KEEP
from project_svc.timesheets import endpoints as timesheets
from project_svc.timesheets.models import TIMESHEETS
from project_svc.work_calendars import endpoints as work_calendars
from project_svc.work_calendars.models import WORK_CALENDARS
from project_svc.work_feeds import endpoints as work_feeds
from project_svc.work_feeds.consumers import on_user_updated
from project_svc.work_feeds.models import PROJECT_CALENDAR_FEEDS

_FOLLOWING = Following(
    SUCCESSORS,
    MOVES,
    (
        Reference(PROJECTS, ProjectUpdated),
        Reference(DELIVERIES, DeliveryMoved),
        Reference(RISKS, RiskMoved),
        Reference(OUTCOMES, OutcomeMoved),
        Reference(LESSONS, LessonUpdated),
        Reference(DOCUMENTS, DocumentUpdated),
        Reference(RISK_SIMULATIONS, RiskSimulationMoved),
    ),
)
"""Deliverables and risks are made of a project, under its lock: so projects go first."""

SURVEYS = (SurveySent, SurveyAnswered, SurveyMoved)

SERVICE = Service(
    name="project-svc",
    title="Guanxi projects",
    description="Projects for customers, their deliverables with the customer's acceptance, and their risks.",
    metadata=METADATA,
    routers=(
        project_templates.router,
        projects.router,
        lifecycle.router,
        deliveries.router,
        acceptances.router,
        acceptance_links.router,
        delivery_schedules.router,
        delivery_rates.router,
        outcomes.router,
        outcome_reports.router,
        risks.router,
        quality_gates.router,
        corrective_actions.router,
        change_requests.router,
        risk_scales.router,
        risk_grading.router,
        risk_rules.router,
        risk_simulations.router,
        operations_router("project-operations"),
        history_router(RISKS, "risks:read", RiskRead),
        plan.router,
        exchange.router,
        schedules.router,
        baselines.router,
        work_calendars.router,
        resources.router,
        progress.router,
        timesheets.router,
        expenses.router,
        costs.router,
        issues.router,
        monitoring.router,
        monitors.router,
        lessons.router,
        attachments.router,
        closing_reports.router,
        closing_rules.router,
        portfolio.router,
        capacity.router,
        portfolio_trials.router,
        work_feeds.router,
        access_router(PROJECTS, "projects"),
        access_router(DELIVERIES, "deliveries"),
        access_router(RISKS, "risks"),
        access_router(DOCUMENTS, "projects"),
        access_router(DELIVERY_SCHEDULES, "deliveries"),
        access_router(ACCEPTANCE_LINKS, "deliveries"),
        access_router(OUTCOMES, "outcomes"),
    ),
    aggregates=(
        PROJECTS,
        PROJECT_TEMPLATES,
        PLANS,
        TASKS,
        BASELINES,
        WORK_CALENDARS,
        RESOURCES,
        PROGRESS_REPORTS,
        TIMESHEETS,
        EXPENSES,
        PROJECT_COSTS,
        ISSUES,
        MONITORS,
        DELIVERIES,
        DOCUMENTS,
        DELIVERY_SCHEDULES,
        ACCEPTANCE_LINKS,
        OUTCOMES,
        RISKS,
        QUALITY_GATES,
        CORRECTIVE_ACTIONS,
        CHANGE_REQUESTS,
        LESSONS,
        CLOSING_REPORTS,
        CLOSING_RULES,
        RISK_SCALES,
        RISK_RULES,
        RISK_SIMULATIONS,
        REQUIREMENT_INTAKES,
        PROJECT_CALENDAR_FEEDS,
        ERASURES.aggregate,
        ACCESS.aggregate,
    ),
    consumers=(
        Consumer(OaApprovalDecided, on_approval_decided),
        Consumer(ErpCostRecorded, on_cost_recorded),
        ERASURES.consumer,
        *ACCESS.consumers,
        Consumer(UserUpdated, on_user_updated),
        Consumer(RequirementHandedOver, on_requirement_handed_over),
        Consumer(RequirementRejected, on_requirement_rejected),
        *merge_consumers(_FOLLOWING, merged=CustomerMerged, unmerged=CustomerUnmerged),
    ),
    operations=(
        GRADING,
        OPTIMISE,
        OVERDUE,
        SIMULATION,
        TRY,
    ),
    projections=(
        BatchConsumer((OpportunityWon,), on_opportunities_won),
        BatchConsumer((ContractSigned,), on_contracts_signed),
        KNOWN_COMPANIES.consumer("company"),
        KNOWN_CUSTOMERS.consumer("customer"),
        KNOWN_CONTACTS.consumer("contact"),
        KNOWN_TEAMS.consumer("team"),
        KNOWN_MEMBERS.consumer("user"),
        BatchConsumer(SURVEYS, on_surveys, snapshots=True),
    ),
    sweeps=(ACCEPT_UNDECIDED, PLAN_RECURRING, REVIEWS_DUE, KEEP, LOOK, WATCH, filling(LESSONS), ORPHANS),
)
