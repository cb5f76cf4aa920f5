"""What this service holds about people."""

from analytics_svc.facts import models as facts
from analytics_svc.metadata import METADATA
from crm_contracts.privacy.v1 import AnalyticsErasureAnswered
from crm_platform.privacy import BLANK, ErasureAnswers, Holding

_FIGURES = {
    "delivery": facts.deliveries,
    "opportunity": facts.opportunities,
    "order": facts.orders,
    "project": facts.projects,
    "risk": facts.risks,
    "survey": facts.surveys,
    "ticket": facts.tickets,
}

ERASURES = ErasureAnswers(
    METADATA,
    "analytics-svc",
    AnalyticsErasureAnswered,
    (
        Holding(record="copy", table=facts.customers, column="id", blank={"name": BLANK, "industry": None}),
        *(Holding(record=record, table=table) for record, table in _FIGURES.items()),
    ),
)
"""The part of this service in erasures."""
