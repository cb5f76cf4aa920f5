"""What this service is made of."""

from analytics_svc.facts.consumers import projections
from analytics_svc.holdings import ACCESS, ERASURES
from analytics_svc.known_companies.models import KNOWN_COMPANIES
from analytics_svc.metadata import METADATA
from analytics_svc.reports import endpoints as reports
from crm_platform.service import Service

SERVICE = Service(
    name="analytics-svc",
    title="Guanxi analytics",
    description="Figures about sales, deliveries and satisfaction, computed from events alone.",
    metadata=METADATA,
    routers=(reports.router,),
    aggregates=(
        ERASURES.aggregate,
        ACCESS.aggregate,
    ),
    consumers=(
        ERASURES.consumer,
        *ACCESS.consumers,
    ),
    projections=(*projections(), KNOWN_COMPANIES.consumer("company")),
)
