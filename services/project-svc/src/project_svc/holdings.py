"""What this service holds about people."""

from crm_contracts.privacy.v1 import ProjectErasureAnswered, SubjectKind
from crm_contracts.project.v1 import ProjectUpdated
from crm_contracts.subject_access.v1 import ProjectAccessAnswered
from crm_platform.privacy import BLANK, COPY, AccessAnswers, ErasureAnswers, Holding
from crm_platform.words import Words
from project_svc.acceptance_links.models import ACCEPTANCE_LINKS
from project_svc.deliveries.models import DELIVERIES
from project_svc.documents.models import DOCUMENTS
from project_svc.known_contacts.models import known_contacts
from project_svc.known_customers.models import known_customers
from project_svc.known_surveys.models import known_surveys
from project_svc.lessons.models import LESSONS
from project_svc.metadata import METADATA
from project_svc.outcomes.models import OUTCOMES
from project_svc.projects.models import PROJECTS
from project_svc.risk_simulations.models import RISK_SIMULATIONS
from project_svc.risks.models import RISKS

HOLDINGS: tuple[Holding, ...] = (
    Holding(record="copy", table=known_customers, column="id", blank={"name": BLANK}, title=COPY),
    Holding(record="project", table=PROJECTS.table, aggregate=PROJECTS, event=ProjectUpdated, blank={"name": BLANK}),
    Holding(record="delivery", table=DELIVERIES.table, aggregate=DELIVERIES),
    Holding(
        record="contact_copy",
        table=known_contacts,
        column="id",
        about=SubjectKind.CONTACT,
        blank={"name": None},
        title=Words("contact, as another service knows it", "联系人（服务间副本）"),
    ),
    Holding(
        record="acceptance_link",
        table=ACCEPTANCE_LINKS.table,
        column="contact_id",
        about=SubjectKind.CONTACT,
        aggregate=ACCEPTANCE_LINKS,
        why="only refers to the person, whose decision it proves",
    ),
    Holding(record="outcome", table=OUTCOMES.table, aggregate=OUTCOMES),
    Holding(
        record="survey_copy",
        table=known_surveys,
        why="only refers to the person",
        title=Words("survey, as another service knows it", "满意度调查（服务间副本）"),
    ),
    Holding(record="document", table=DOCUMENTS.table, aggregate=DOCUMENTS),
    Holding(record="lesson", table=LESSONS.table, aggregate=LESSONS),
    Holding(record="risk", table=RISKS.table, aggregate=RISKS),
    Holding(record="risk_simulation", table=RISK_SIMULATIONS.table, aggregate=RISK_SIMULATIONS),
)

ERASURES = ErasureAnswers(METADATA, "project-svc", ProjectErasureAnswered, HOLDINGS)
"""The part of this service in erasures."""

ACCESS = AccessAnswers(METADATA, "project-svc", ProjectAccessAnswered, HOLDINGS)
"""Its part where people ask what is known of them."""
