"""What this service holds about people."""

from crm_contracts.privacy.v1 import ServiceDeskErasureAnswered
from crm_contracts.service_desk.v1 import SurveyAnswered, TicketUpdated
from crm_contracts.subject_access.v1 import ServiceDeskAccessAnswered
from crm_platform.privacy import BLANK, AccessAnswers, ErasureAnswers, Holding
from service_desk_svc.metadata import METADATA
from service_desk_svc.service_periods.models import SERVICE_PERIODS
from service_desk_svc.surveys.models import SURVEYS
from service_desk_svc.tickets.models import TICKETS

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        record="ticket",
        table=TICKETS.table,
        aggregate=TICKETS,
        event=TicketUpdated,
        blank={"subject": BLANK, "description": None, "resolution": None},
    ),
    Holding(
        record="survey",
        table=SURVEYS.table,
        aggregate=SURVEYS,
        event=SurveyAnswered,
        blank={"comment": None},
        dated="sent_at",
    ),
    Holding(record="service_period", table=SERVICE_PERIODS.table, aggregate=SERVICE_PERIODS),
)

ERASURES = ErasureAnswers(METADATA, "service-desk-svc", ServiceDeskErasureAnswered, HOLDINGS)
"""The part of this service in erasures."""

ACCESS = AccessAnswers(METADATA, "service-desk-svc", ServiceDeskAccessAnswered, HOLDINGS)
"""Its part where people ask what is known of them."""
