"""Scores: what rules say of a customer, and what that comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from crm_contracts.customer.v1 import Address
from crm_platform.words import Words
from customer_svc.customers.domain import Customer
from customer_svc.values.emails import email_form
from customer_svc.values.refused import Refused
from customer_svc.values.registration import parse_registration

NOUN = Words("data quality score", "数据质量评分")

BEST = 100

SHOWN_SHARERS = 5
"""Of those who have a key in common as many are looked at as can turn round by one of them coming or going."""


class Expression(Protocol):
    """A condition, ready to be evaluated (`crm_platform.cel.Program`)."""

    @property
    def timed(self) -> bool:
        """Whether its answer may change by time alone."""

    def evaluate(self, values: Mapping[str, Any], *, now: datetime | None = None) -> bool:
        """Whether it is true of ``values``."""

    def changes_after(self, values: Mapping[str, Any], now: datetime) -> datetime | None:
        """When its answer has to be asked for anew."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule, ready to be held against customers."""

    rule_id: UUID
    weight: int
    expression: Expression
    applies_to: Expression | None

    def applies(self, values: Mapping[str, Any], now: datetime) -> bool:
        """Whether the rule is about a customer with these values."""
        return self.applies_to is None or self.applies_to.evaluate(values, now=now)

    def moments(self, values: Mapping[str, Any], now: datetime) -> Iterable[datetime]:
        """When it may say something else though nothing has changed but the time."""
        for program in (self.expression, self.applies_to):
            if program is not None and program.timed:
                moment = program.changes_after(values, now)
                if moment is not None:
                    yield moment


@dataclass(frozen=True, slots=True)
class Score:
    """How good a customer's data is.

    Attributes:
        score: 0 to 100: the weight of the rules that hold, of all that apply, rounded down; so 100 means all of them.
            100 too where no rule applies.
        failed: The rules that are broken.
        look_again_at: When it may be another though nothing has changed but the time.
    """

    score: int
    failed: tuple[UUID, ...]
    look_again_at: datetime | None


def assess(judges: Sequence[Judge], values: Mapping[str, Any], now: datetime) -> Score:
    """The score of a customer with these values at a moment."""
    total = kept = 0
    failed: list[UUID] = []
    moments: list[datetime] = []
    for judge in judges:
        moments += judge.moments(values, now)
        if not judge.applies(values, now):
            continue
        total += judge.weight
        if judge.expression.evaluate(values, now=now):
            kept += judge.weight
        else:
            failed.append(judge.rule_id)
    score = BEST * kept // total if total else BEST
    return Score(score, tuple(failed), min(moments, default=None))


def contact_figures(customer: Customer) -> dict[str, int]:
    """What rules read of the contact data of a customer: how much there is, and how much of it is good."""
    return {
        "contact.phones": len(customer.phones),
        "contact.valid_phones": sum(phone.number is not None for phone in customer.phones),
        "contact.emails": len(customer.emails),
        "contact.valid_emails": sum(email_form(email.address) is not None for email in customer.emails),
        "contact.addresses": len(customer.addresses),
        "contact.complete_addresses": sum(map(is_complete, customer.addresses)),
        "contact.identity_documents": len(customer.identity_documents),
        "contact.invalid_registrations": sum(not _is_valid(one.kind, one.number) for one in customer.registrations),
    }


def is_complete(address: Address) -> bool:
    """Whether a letter would arrive: a street, a place, and in China the province as well.

    The four municipalities of China are provinces with districts and often without a city.
    """
    place = address.city or address.district
    return bool(address.street and place and (address.country != "CN" or address.province))


def _is_valid(kind: Any, number: str) -> bool:
    try:
        parse_registration(kind, number)
    except Refused:
        return False
    return True
