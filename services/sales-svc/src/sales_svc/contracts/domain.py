"""Rules of contracts: their life cycle, what a signature needs, and what it fixes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from crm_contracts.base import ExternalRef, Money
from crm_contracts.sales.v1 import ContractStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from sales_svc.contracts.errors import (
    EndedBeforeSigned,
    NeededToSign,
    OwnContract,
    SignedInFuture,
    TermsFixed,
    ValidityReversed,
)

NOUN = Words("contract", "合同")

LIFE_CYCLE: StateMachine[ContractStatus] = StateMachine(
    what=NOUN,
    initial=ContractStatus.DRAFT,
    transitions={
        (ContractStatus.DRAFT, "approve"): ContractStatus.APPROVED,
        (ContractStatus.DRAFT, "sign"): ContractStatus.SIGNED,
        (ContractStatus.DRAFT, "cancel"): ContractStatus.CANCELLED,
        (ContractStatus.APPROVED, "return"): ContractStatus.DRAFT,
        (ContractStatus.APPROVED, "sign"): ContractStatus.SIGNED,
        (ContractStatus.APPROVED, "cancel"): ContractStatus.CANCELLED,
        (ContractStatus.SIGNED, "fulfil"): ContractStatus.FULFILLED,
        (ContractStatus.SIGNED, "terminate"): ContractStatus.TERMINATED,
    },
)

TERMS = (
    "title",
    "customer_id",
    "opportunity_id",
    "value",
    "valid_from",
    "valid_until",
    "our_signatory_id",
    "customer_signatory_id",
)
"""What is agreed: it changes in a draft only. Everything else is our own book-keeping, and can change at any time."""

_NEEDED_TO_SIGN = ("value", "our_signatory_id", "customer_signatory_id")

_EARLIEST_ZONE = timezone(timedelta(hours=14))
"""Where a day begins first: what is tomorrow there has not begun anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """By whom a contract was signed, and when; who is not named is whom the contract names."""

    signed_on: date
    our_signatory_id: UUID | None = None
    customer_signatory_id: UUID | None = None

    def fields(self) -> dict[str, Any]:
        """The members of a contract that it sets."""
        names = ("signed_on", "our_signatory_id", "customer_signatory_id")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class Contract(OwnedState):
    """What a customer and we have agreed, or are about to."""

    number: str
    title: str
    customer_id: UUID
    opportunity_id: UUID | None = None
    status: ContractStatus = LIFE_CYCLE.initial
    value: Money | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    our_signatory_id: UUID | None = None
    customer_signatory_id: UUID | None = None
    description: str | None = None
    drafted_by: str
    approved_by: str | None = None
    signed_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = None
    external_refs: tuple[ExternalRef, ...] = ()

    def checked(self) -> "Contract":
        """The contract itself.

        Raises:
            ValidityReversed: It would end before it begins.
        """
        if self.valid_from is not None and self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValidityReversed(valid_from=self.valid_from, valid_until=self.valid_until)
        return self

    def edited(self, *, by: str, **changes: Any) -> "Contract":
        """The contract with some fields replaced by somebody, who is the author of terms that really change.

        Raises:
            TermsFixed: It is no draft any more, and a term would really change.
            ValidityReversed: It would end before it begins.
        """
        after = self.with_(**changes)
        different = [name for name in TERMS if getattr(after, name) != getattr(self, name)]
        if not different:
            return after
        if self.status is not ContractStatus.DRAFT:
            raise TermsFixed(status=self.status.value, fields=", ".join(sorted(different)))
        return after.with_(drafted_by=by).checked()

    def approved(self, *, by: str) -> "Contract":
        """The contract once somebody else than its author has agreed to it.

        Raises:
            InvalidTransition: It is no draft.
            OwnContract: Its terms are by whoever approves it.
        """
        status = LIFE_CYCLE.after(self.status, "approve")
        if by == self.drafted_by:
            raise OwnContract
        return self.with_(status=status, approved_by=by)

    def returned(self) -> "Contract":
        """The contract as a draft again; whoever agrees to it next looks at it anew.

        Raises:
            InvalidTransition: It is not approved.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "return"), approved_by=None)

    def signed(self, signature: Signature, *, now: datetime) -> "Contract":
        """The contract once both sides have signed; it is valid from that day on where nothing else was agreed.

        Raises:
            InvalidTransition: It was signed before, or given up.
            SignedInFuture: The day has not begun anywhere on earth.
            NeededToSign: The amount or a signatory is missing.
            ValidityReversed: It would end before it begins.
        """
        status = LIFE_CYCLE.after(self.status, "sign")
        if signature.signed_on > now.astimezone(_EARLIEST_ZONE).date():
            raise SignedInFuture(signed_on=signature.signed_on)
        after = self.with_(status=status, **signature.fields())
        missing = [name for name in _NEEDED_TO_SIGN if getattr(after, name) is None]
        if missing:
            raise NeededToSign(fields=", ".join(missing))
        return after.with_(valid_from=after.valid_from or signature.signed_on).checked()

    def ended(self, action: str, on: date, reason: str | None = None) -> "Contract":
        """The contract after ``fulfil``, ``terminate`` or ``cancel``.

        Raises:
            InvalidTransition: Not possible in the present state.
            EndedBeforeSigned: The day is before that of the signature.
        """
        status = LIFE_CYCLE.after(self.status, action)
        if self.signed_on is not None and on < self.signed_on:
            raise EndedBeforeSigned(ended_on=on, signed_on=self.signed_on)
        return self.with_(status=status, ended_on=on, end_reason=reason)
