"""What this service is made of."""

from crm_contracts.duplicate.v1 import CustomerMerged, CustomerUnmerged
from crm_contracts.inbound.v1 import ErpPaymentReceived, OaApprovalDecided, OaContractSigned
from crm_contracts.sales.v1 import ContractUpdated, OpportunityUpdated, OrderMoved
from crm_platform.access.endpoints import access_router
from crm_platform.following import Following, Reference
from crm_platform.history.endpoints import history_router
from crm_platform.merge_events import merge_consumers
from crm_platform.service import Consumer, Service
from sales_svc.contracts import endpoints as contracts
from sales_svc.contracts.consumers import on_approval_decided, on_contract_signed
from sales_svc.contracts.models import CONTRACTS
from sales_svc.contracts.schemas import ContractRead
from sales_svc.holdings import ACCESS, ERASURES
from sales_svc.known_companies.models import KNOWN_COMPANIES
from sales_svc.known_customers.models import KNOWN_CUSTOMERS
from sales_svc.merged_customers.models import MOVES, SUCCESSORS
from sales_svc.metadata import METADATA
from sales_svc.opportunities import endpoints as opportunities
from sales_svc.opportunities.models import OPPORTUNITIES
from sales_svc.orders import endpoints as orders
from sales_svc.orders.consumers import on_payment
from sales_svc.orders.models import ORDERS
from sales_svc.products import endpoints as products
from sales_svc.products.models import PRODUCTS

_FOLLOWING = Following(
    SUCCESSORS,
    MOVES,
    (
        Reference(OPPORTUNITIES, OpportunityUpdated),
        Reference(ORDERS, OrderMoved),
        Reference(CONTRACTS, ContractUpdated),
    ),
)
"""Orders and contracts are made of an opportunity, under its lock: so opportunities go first."""

SERVICE = Service(
    name="sales-svc",
    title="Guanxi sales",
    description="Products, opportunities from the first idea to the order and what was paid for it, and contracts.",
    metadata=METADATA,
    routers=(
        products.router,
        opportunities.router,
        orders.router,
        contracts.router,
        access_router(OPPORTUNITIES, "opportunities"),
        access_router(ORDERS, "orders"),
        access_router(CONTRACTS, "contracts"),
        history_router(CONTRACTS, "contracts:read", ContractRead),
    ),
    aggregates=(PRODUCTS, OPPORTUNITIES, ORDERS, CONTRACTS, ERASURES.aggregate, ACCESS.aggregate),
    consumers=(
        Consumer(ErpPaymentReceived, on_payment),
        Consumer(OaApprovalDecided, on_approval_decided),
        Consumer(OaContractSigned, on_contract_signed),
        ERASURES.consumer,
        *ACCESS.consumers,
        *merge_consumers(_FOLLOWING, merged=CustomerMerged, unmerged=CustomerUnmerged),
    ),
    projections=(KNOWN_CUSTOMERS.consumer("customer"), KNOWN_COMPANIES.consumer("company")),
)
