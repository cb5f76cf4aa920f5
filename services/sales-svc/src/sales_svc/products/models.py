"""Table of the products, and how they are shown, filtered and sorted."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text, UniqueConstraint

from crm_contracts.sales.v1 import ProductSnapshot
from crm_platform.db.schema import aggregate_table, money_columns
from crm_platform.store import Aggregate
from sales_svc.metadata import METADATA
from sales_svc.products.domain import NOUN, Product

products: Table = aggregate_table(
    "products",
    METADATA,
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("series", Text),
    *money_columns("list_price", nullable=False),
    Column("active", Boolean, nullable=False),
    CheckConstraint("list_price_amount >= 0", name="list_price"),
    UniqueConstraint("tenant_id", "code"),
    Index(None, "tenant_id", "name", "id"),
)

PRODUCTS = Aggregate(
    name="product",
    plural="products",
    what=NOUN,
    table=products,
    state=Product,
    snapshot=ProductSnapshot,
    sort_by={"code": products.c.code, "name": products.c.name},
    default_sort="code",
)
