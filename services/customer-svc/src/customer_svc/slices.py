"""What this service is made of."""

from crm_contracts.inbound.v1 import ErpCustomerChanged, OaMeetingHeld
from crm_contracts.sales.v1 import OpportunityWon
from crm_platform.service import Consumer, Service
from customer_svc.communications import endpoints as communications
from customer_svc.communications.consumers import on_meeting_held
from customer_svc.communications.models import COMMUNICATIONS
from customer_svc.customers import endpoints as customers
from customer_svc.customers.consumers import on_opportunity_won
from customer_svc.customers.models import CUSTOMERS
from customer_svc.metadata import METADATA
from customer_svc.sync import endpoints as sync
from customer_svc.sync.consumers import on_customer_changed
from customer_svc.sync.models import SYNC_CONFLICTS

SERVICE = Service(
    name="customer-svc",
    title="Guanxi customers",
    description="Customers, what was said to them, and the agreement with other systems about them.",
    metadata=METADATA,
    routers=(customers.router, communications.router, sync.router),
    aggregates=(CUSTOMERS, COMMUNICATIONS, SYNC_CONFLICTS),
    consumers=(
        Consumer(OpportunityWon, on_opportunity_won),
        Consumer(OaMeetingHeld, on_meeting_held),
        Consumer(ErpCustomerChanged, on_customer_changed),
    ),
)
