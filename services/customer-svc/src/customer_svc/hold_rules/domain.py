"""A rule of a hold."""

from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("hold rule", "保留规则")


class HoldRule(AggregateState):
    """Keeps one kind of records for some time after their date."""

    record: str
    days: int
    law: str
    active: bool = True
