"""What this service is made of."""

from crm_contracts.duplicate.v1 import CustomerMerged, CustomerUnmerged
from crm_contracts.project.v1 import DeliveryCompleted
from crm_contracts.service_desk.v1 import ServicePeriodMoved, SurveyMoved, TicketUpdated
from crm_platform.access.endpoints import access_router
from crm_platform.following import Following, Reference
from crm_platform.merge_events import merge_consumers
from crm_platform.service import Consumer, Service
from service_desk_svc.holdings import ACCESS, ERASURES
from service_desk_svc.known_companies.models import KNOWN_COMPANIES
from service_desk_svc.merged_customers.models import MOVES, SUCCESSORS
from service_desk_svc.metadata import METADATA
from service_desk_svc.service_periods import endpoints as service_periods
from service_desk_svc.service_periods.consumers import on_delivery_completed as serve_customer
from service_desk_svc.service_periods.models import SERVICE_PERIODS
from service_desk_svc.surveys import endpoints as surveys
from service_desk_svc.surveys.consumers import on_delivery_completed as ask_customer
from service_desk_svc.surveys.models import SURVEYS
from service_desk_svc.tickets import endpoints as tickets
from service_desk_svc.tickets.models import TICKETS

_FOLLOWING = Following(
    SUCCESSORS,
    MOVES,
    (
        Reference(TICKETS, TicketUpdated),
        Reference(SURVEYS, SurveyMoved),
        Reference(SERVICE_PERIODS, ServicePeriodMoved),
    ),
)

SERVICE = Service(
    name="service-desk-svc",
    title="Guanxi service desk",
    description="Tickets, satisfaction surveys and after-sales periods.",
    metadata=METADATA,
    routers=(
        tickets.router,
        surveys.router,
        service_periods.router,
        access_router(TICKETS, "tickets"),
        access_router(SURVEYS, "surveys"),
        access_router(SERVICE_PERIODS, "service_periods", id_name="period_id"),
    ),
    aggregates=(TICKETS, SURVEYS, SERVICE_PERIODS, ERASURES.aggregate, ACCESS.aggregate),
    consumers=(
        Consumer(DeliveryCompleted, serve_customer),
        Consumer(DeliveryCompleted, ask_customer),
        ERASURES.consumer,
        *ACCESS.consumers,
        *merge_consumers(_FOLLOWING, merged=CustomerMerged, unmerged=CustomerUnmerged),
    ),
    projections=(KNOWN_COMPANIES.consumer("company"),),
)
