"""Rules about what communications say."""

from collections.abc import Iterable

from crm_contracts.communication.v1 import CommunicationKind
from crm_platform.aggregate import AggregateState
from crm_platform.words import Words

NOUN = Words("communication rule", "沟通记录规则")


class CommunicationRule(AggregateState):
    """Says whether the contents of communications are sealed: of one kind, or of all that have no rule of their own."""

    kind: CommunicationKind | None = None
    seal_contents: bool


def sealed_kinds(rules: Iterable[CommunicationRule]) -> frozenset[CommunicationKind]:
    """The kinds of communications whose contents are sealed; without any rule none are."""
    by_kind = {rule.kind: rule.seal_contents for rule in rules}
    usual = by_kind.get(None, False)
    return frozenset(kind for kind in CommunicationKind if by_kind.get(kind, usual))
