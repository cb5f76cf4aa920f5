"""What holds for a whole company."""

from crm_platform.aggregate import AggregateState
from crm_platform.days import DEFAULT_ZONE
from crm_platform.words import Words

NOUN = Words("company", "公司")


class Company(AggregateState):
    """What holds for all of a company's people and records; one that has said nothing lives by UTC."""

    time_zone: str = DEFAULT_ZONE
