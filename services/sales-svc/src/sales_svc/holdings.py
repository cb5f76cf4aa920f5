"""What this service holds about people."""

from crm_contracts.privacy.v1 import SalesErasureAnswered, SubjectKind
from crm_contracts.sales.v1 import ContractUpdated, OpportunityUpdated
from crm_contracts.subject_access.v1 import SalesAccessAnswered
from crm_platform.privacy import BLANK, COPY, AccessAnswers, ErasureAnswers, Holding
from crm_platform.words import Words
from sales_svc.contracts.models import CONTRACTS
from sales_svc.known_customers.models import known_customers
from sales_svc.metadata import METADATA
from sales_svc.opportunities.models import OPPORTUNITIES
from sales_svc.orders.models import ORDERS

HOLDINGS: tuple[Holding, ...] = (
    Holding(record="copy", table=known_customers, column="id", blank={"name": BLANK}, title=COPY),
    Holding(
        record="opportunity",
        table=OPPORTUNITIES.table,
        aggregate=OPPORTUNITIES,
        event=OpportunityUpdated,
        blank={"name": BLANK, "lost_reason": None},
    ),
    Holding(record="order", table=ORDERS.table, aggregate=ORDERS),
    Holding(
        record="contract",
        table=CONTRACTS.table,
        aggregate=CONTRACTS,
        event=ContractUpdated,
        blank={"title": BLANK, "description": None, "end_reason": None},
    ),
    Holding(
        record="contract_signature",
        table=CONTRACTS.table,
        column="customer_signatory_id",
        about=SubjectKind.CONTACT,
        aggregate=CONTRACTS,
        why="only refers to the person, whose signature it proves",
        title=Words("contract that the person signs for the customer", "代表客户签署的合同"),
    ),
)

ERASURES = ErasureAnswers(METADATA, "sales-svc", SalesErasureAnswered, HOLDINGS)
"""The part of this service in erasures."""

ACCESS = AccessAnswers(METADATA, "sales-svc", SalesAccessAnswered, HOLDINGS)
"""Its part where people ask what is known of them."""
