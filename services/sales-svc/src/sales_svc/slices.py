"""What this service is made of."""

from crm_contracts.inbound.v1 import ErpPaymentReceived
from crm_platform.service import Consumer, Service
from sales_svc.known_customers.models import KNOWN_CUSTOMERS
from sales_svc.metadata import METADATA
from sales_svc.opportunities import endpoints as opportunities
from sales_svc.opportunities.models import OPPORTUNITIES
from sales_svc.orders import endpoints as orders
from sales_svc.orders.consumers import on_payment
from sales_svc.orders.models import ORDERS
from sales_svc.products import endpoints as products
from sales_svc.products.models import PRODUCTS

SERVICE = Service(
    name="sales-svc",
    title="Guanxi sales",
    description="Products, opportunities from the first idea to the order, and what was paid for it.",
    metadata=METADATA,
    routers=(products.router, opportunities.router, orders.router),
    aggregates=(PRODUCTS, OPPORTUNITIES, ORDERS),
    consumers=(Consumer(ErpPaymentReceived, on_payment),),
    projections=(KNOWN_CUSTOMERS.consumer("customer"),),
)
