"""A rule about duplicates."""

from collections.abc import Iterable

from crm_contracts.customer.v1 import CustomerKind
from crm_contracts.duplicate.v1 import RefuseFrom
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words
from customer_svc.values.refused import AllRefused, Refused

NOUN = Words("rule about duplicates", "查重规则")

_ORDER = Words("`likely` cannot be below `possible`", "likely 不能小于 possible")


class DuplicateRule(AggregateState):
    """What holds for one kind of customers, or for those whose kind has no rule of its own; scores in percent."""

    kind: CustomerKind | None = None
    likely: int = 95
    possible: int = 50
    refuse_from: RefuseFrom = RefuseFrom.LIKELY

    def checked(self) -> "DuplicateRule":
        """The rule, if its members fit each other.

        Raises:
            AllRefused: What is likely is less than what is possible.
        """
        if self.likely < self.possible:
            raise AllRefused([Refused("thresholds_reversed", _ORDER, ("likely",))])
        return self


def rule_of(rules: Iterable[DuplicateRule], kind: CustomerKind, default: DuplicateRule) -> DuplicateRule:
    """What holds for customers of ``kind``: their own rule, or that for everybody, or ``default``."""
    by_kind = {rule.kind: rule for rule in rules}
    return by_kind.get(kind) or by_kind.get(None) or default
