"""What this service holds about people."""

from crm_contracts.privacy.v1 import SalesErasureAnswered
from crm_contracts.sales.v1 import OpportunityUpdated
from crm_platform.privacy import BLANK, ErasureAnswers, Holding
from sales_svc.known_customers.models import known_customers
from sales_svc.metadata import METADATA
from sales_svc.opportunities.models import OPPORTUNITIES
from sales_svc.orders.models import ORDERS

ERASURES = ErasureAnswers(
    METADATA,
    "sales-svc",
    SalesErasureAnswered,
    (
        Holding(record="copy", table=known_customers, column="id", blank={"name": BLANK}),
        Holding(
            record="opportunity",
            table=OPPORTUNITIES.table,
            aggregate=OPPORTUNITIES,
            event=OpportunityUpdated,
            blank={"name": BLANK, "lost_reason": None},
        ),
        Holding(record="order", table=ORDERS.table),
    ),
)
"""The part of this service in erasures."""
