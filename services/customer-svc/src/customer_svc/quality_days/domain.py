"""Figures of data quality."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from crm_contracts.quality.v1 import QualityDimension
from crm_platform.words import Words

NOUN = Words("day of data quality", "数据质量日报")

KEPT = timedelta(days=800)
"""How long the figures of days are kept: two years can be compared."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How good the data of some customers is.

    Attributes:
        dimension: By what they are told apart.
        key: The source, owner, team, rule (by its code) or member; empty where there is none.
        records: How many they are; of a rule or a member all customers.
        failing: How many of them break a rule; of a rule or a member how many break that.
        score_sum: The sum of their scores; None for rules and members.
    """

    dimension: QualityDimension
    key: str
    records: int
    failing: int
    score_sum: int | None

    @property
    def average(self) -> Decimal | None:
        """The average score, to two places; None where there are no scores."""
        if self.score_sum is None or not self.records:
            return None
        return round(Decimal(self.score_sum) / self.records, 2)
