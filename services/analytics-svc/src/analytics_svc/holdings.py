"""What this service holds about people."""

from analytics_svc.facts import models as facts
from analytics_svc.metadata import METADATA
from crm_contracts.privacy.v1 import AnalyticsErasureAnswered
from crm_contracts.subject_access.v1 import AnalyticsAccessAnswered
from crm_platform.privacy import BLANK, COPY, AccessAnswers, ErasureAnswers, Holding
from crm_platform.words import Words

_FIGURES = (
    ("delivery", facts.deliveries, Words("delivery, for figures", "交付物（统计用）")),
    ("opportunity", facts.opportunities, Words("opportunity, for figures", "商机（统计用）")),
    ("order", facts.orders, Words("order, for figures", "订单（统计用）")),
    ("project", facts.projects, Words("project, for figures", "项目（统计用）")),
    ("risk", facts.risks, Words("risk, for figures", "风险（统计用）")),
    ("survey", facts.surveys, Words("satisfaction survey, for figures", "满意度调查（统计用）")),
    ("ticket", facts.tickets, Words("service ticket, for figures", "服务工单（统计用）")),
)

HOLDINGS: tuple[Holding, ...] = (
    Holding(record="copy", table=facts.customers, column="id", blank={"name": BLANK, "industry": None}, title=COPY),
    *(Holding(record=record, table=table, title=title) for record, table, title in _FIGURES),
)

ERASURES = ErasureAnswers(METADATA, "analytics-svc", AnalyticsErasureAnswered, HOLDINGS)
"""The part of this service in erasures."""

ACCESS = AccessAnswers(METADATA, "analytics-svc", AnalyticsAccessAnswered, HOLDINGS)
"""Its part where people ask what is known of them."""
