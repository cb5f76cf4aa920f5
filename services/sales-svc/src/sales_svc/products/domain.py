"""The state of a product; it has hardly any rules of its own."""

from crm_contracts.base import Money
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("product", "产品")


class Product(AggregateState):
    """Something that we sell; an inactive one stays in old deals and enters no new ones."""

    code: str
    name: str
    series: str | None = None
    list_price: Money
    active: bool = True
