"""What this service is made of."""

from crm_platform.service import Service
from customer_svc.customers import endpoints as customers
from customer_svc.customers.models import CUSTOMERS
from customer_svc.metadata import METADATA

SERVICE = Service(
    name="customer-svc",
    title="Guanxi customers",
    description="Customers, what was said to them, and the agreement with other systems about them.",
    metadata=METADATA,
    routers=(customers.router,),
    aggregates=(CUSTOMERS,),
)
