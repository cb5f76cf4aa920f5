"""What this service holds about people."""

from crm_contracts.privacy.v1 import ProjectErasureAnswered
from crm_contracts.project.v1 import ProjectUpdated
from crm_platform.privacy import BLANK, ErasureAnswers, Holding
from project_svc.deliveries.models import DELIVERIES
from project_svc.known_customers.models import known_customers
from project_svc.metadata import METADATA
from project_svc.projects.models import PROJECTS
from project_svc.risks.models import RISKS

ERASURES = ErasureAnswers(
    METADATA,
    "project-svc",
    ProjectErasureAnswered,
    (
        Holding(record="copy", table=known_customers, column="id", blank={"name": BLANK}),
        Holding(
            record="project", table=PROJECTS.table, aggregate=PROJECTS, event=ProjectUpdated, blank={"name": BLANK}
        ),
        Holding(record="delivery", table=DELIVERIES.table),
        Holding(record="risk", table=RISKS.table),
    ),
)
"""The part of this service in erasures."""
