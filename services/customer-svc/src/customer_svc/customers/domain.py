"""Rules of customers: names, life cycle, hierarchy."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm_contracts.base import ExternalRef, Money
from crm_contracts.customer.v1 import (
    Address,
    CustomerGrade,
    CustomerKind,
    CustomerSize,
    CustomerStatus,
    Email,
    IdentityDocument,
    Phone,
    PostalAddress,
    Registration,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from customer_svc.values.lists import ADDRESSES, ALL, EMAILS, PHONES, REGISTRATIONS, changed_entries
from customer_svc.values.refused import AllRefused, Refused
from customer_svc.values.registration import compact

NOUN = Words("customer", "客户")

LIFE_CYCLE: StateMachine[CustomerStatus] = StateMachine(
    what=NOUN,
    initial=CustomerStatus.PROSPECT,
    transitions={
        (CustomerStatus.PROSPECT, "activate"): CustomerStatus.ACTIVE,
        (CustomerStatus.PROSPECT, "churn"): CustomerStatus.CHURNED,
        (CustomerStatus.ACTIVE, "rest"): CustomerStatus.DORMANT,
        (CustomerStatus.ACTIVE, "churn"): CustomerStatus.CHURNED,
        (CustomerStatus.DORMANT, "activate"): CustomerStatus.ACTIVE,
        (CustomerStatus.DORMANT, "churn"): CustomerStatus.CHURNED,
        (CustomerStatus.CHURNED, "activate"): CustomerStatus.ACTIVE,
    },
)


class ActivationReason(StrEnum):
    """Why a customer is active."""

    FIRST_PURCHASE = "first_purchase"
    BOUGHT_AGAIN = "bought_again"
    SIGNED_CONTRACT = "signed_contract"
    WON_BACK = "won_back"
    OTHER = "other"


class RestReason(StrEnum):
    """Why a customer is dormant."""

    NO_ORDERS = "no_orders"
    NO_CONTACT = "no_contact"
    NO_BUDGET = "no_budget"
    SEASONAL = "seasonal"
    OTHER = "other"


class ChurnReason(StrEnum):
    """Why a customer has left."""

    COMPETITOR = "competitor"
    PRICE = "price"
    QUALITY = "quality"
    SERVICE = "service"
    NO_NEED = "no_need"
    OUT_OF_BUSINESS = "out_of_business"
    UNREACHABLE = "unreachable"
    OTHER = "other"


FIELD_OWNERS: Mapping[str, str] = {
    "payment_terms_days": "erp",
    "credit_limit": "erp",
    "registration_id": "erp",
}
"""Fields that another system owns once a customer is linked to it; all other fields are ours."""

_LISTS = (ADDRESSES, EMAILS, PHONES, REGISTRATIONS)

CONTACT_DATA: Mapping[str, Any] = {
    **{entries.plural: () for entries in _LISTS},
    **{entries.single: None for entries in _LISTS},
    "identity_documents": (),
    "website": None,
}
"""That by which a customer can be reached or recognised, and what stands in its place where it is not told."""

MAX_DEPTH = 20
"""Levels of parent companies; deeper trees are mistakes."""


REASONS: Mapping[str, type[StrEnum]] = {"activate": ActivationReason, "rest": RestReason, "churn": ChurnReason}
"""The coded reasons of each step of the life cycle."""

_FOR_PEOPLE = Words("only people have identity documents; set `kind` to `person`", "只有个人客户可以登记身份证件")
_TWICE = Words("the same document stands in the list before", "列表中已有相同的证件")


class Customer(OwnedState):
    """A company or a person that we sell to, serve, or hope to."""

    kind: CustomerKind = CustomerKind.COMPANY
    name: str
    status: CustomerStatus = LIFE_CYCLE.initial
    grade: CustomerGrade | None = None
    industry: str | None = None
    employees: int | None = None
    founded_year: int | None = None
    annual_revenue: Money | None = None
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    address: Address | None = None
    registration_id: str | None = None
    payment_terms_days: int | None = None
    credit_limit: Money | None = None
    parent_id: UUID | None = None
    tags: tuple[str, ...] = ()
    external_refs: tuple[ExternalRef, ...] = ()
    name_latin: str | None = None
    short_name: str | None = None
    size: CustomerSize | None = None
    source: str | None = None
    status_reason: str | None = None
    status_note: str | None = None
    status_since: datetime | None = None
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    addresses: tuple[PostalAddress, ...] = ()
    registrations: tuple[Registration, ...] = ()
    identity_documents: tuple[IdentityDocument, ...] = ()
    owner_since: datetime | None = None
    custom: dict[str, Any] = {}  # noqa: RUF012  (pydantic gives every state its own)

    @property
    def in_pool(self) -> bool:
        """Whether nobody and no team owns it, so that everybody sees it and may claim it."""
        return self.owner_id is None and self.team_id is None

    def without_contact_data(self) -> "Customer":
        """The customer without that by which it can be reached or recognised."""
        return self.with_(**CONTACT_DATA)

    def erased(self, name: str) -> "Customer":
        """What is left of a person who is erased: a record under ``name``, to which others refer."""
        nothing: dict[str, Any] = dict.fromkeys(("name_latin", "short_name", "source", "status_note"))
        return self.without_contact_data().with_(**nothing, name=name, tags=(), external_refs=(), custom={})

    def owned_by(self, owner_id: UUID | None, team_id: UUID | None, *, at: datetime) -> "Customer":
        """The customer, which belongs to a person and a team (or with neither, to the pool) from ``at`` on."""
        since = None if owner_id is None and team_id is None else at
        return self.with_(owner_id=owner_id, team_id=team_id, owner_since=since)

    def can(self, action: str) -> bool:
        """Whether the life cycle allows ``action`` now."""
        return action in LIFE_CYCLE.actions(self.status)

    def move(self, action: str, *, at: datetime, reason: str | None = None, note: str | None = None) -> "Customer":
        """The customer after ``action`` of the life cycle, which happened at ``at``.

        Args:
            action: ``activate``, ``rest`` or ``churn``.
            at: When.
            reason: One of :data:`REASONS` of the action.
            note: The reason in words.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        status = LIFE_CYCLE.after(self.status, action)
        return self.with_(status=status, status_reason=reason, status_note=note, status_since=at)

    def bought(self, at: datetime) -> "Customer":
        """The customer after buying something, who is active thereby."""
        first = self.status is CustomerStatus.PROSPECT
        reason = ActivationReason.FIRST_PURCHASE if first else ActivationReason.BOUGHT_AGAIN
        return self.move("activate", at=at, reason=reason.value)

    def changed(self, changes: Mapping[str, Any], *, foreign: bool = False, country: str | None = None) -> "Customer":
        """The customer after ``changes`` that were sent.

        Lists of entries (`phones` …) and the members that show their primary entries (`phone` …) are brought into
        step; what a person sends is checked, what another system sends (``foreign``) is taken as it is. Phones without
        a country code are from where the address is, or else from ``country``.

        Raises:
            AllRefused: Values break rules.
        """
        values, refusals = changed_entries(self, changes, ALL, foreign=foreign, country=country)
        if "identity_documents" in changes:
            values["identity_documents"] = tuple(
                IdentityDocument(**dict(sent)) for sent in changes["identity_documents"]
            )
        if "custom" in changes:
            values["custom"] = {**self.custom, **(changes["custom"] or dict.fromkeys(self.custom))}
        after = self.with_(**values)
        refusals += _document_refusals(after)
        if refusals:
            raise AllRefused(refusals)
        return after

    def completed(self, before: Mapping[str, Any]) -> "Customer":
        """The customer with what was known of it ``before`` there were lists, where nothing has taken its place."""
        lists = {kind.strict.single: kind.strict.plural for kind in ALL}
        changes = {
            name: value for name, value in before.items() if value is not None and not getattr(self, lists[name])
        }
        if "address" in changes:
            changes["address"] = Address.model_validate(changes["address"])
        return self.changed(changes, foreign=True)

    def owned_elsewhere(self, fields: Iterable[str], system: str) -> dict[str, str]:
        """Which of ``fields`` belong to a linked system other than ``system``, which wants to change them."""
        linked = {ref.system for ref in self.external_refs} - {system}
        return {name: FIELD_OWNERS[name] for name in fields if FIELD_OWNERS.get(name) in linked}

    def linked(self, ref: ExternalRef) -> "Customer":
        """The customer, known to ``ref.system`` under ``ref.external_id`` from now on."""
        if ref in self.external_refs:  # of a merge, one of several of this system
            return self
        others = tuple(known for known in self.external_refs if known.system != ref.system)
        return self.with_(external_refs=(*others, ref))


def _document_refusals(customer: Customer) -> list[Refused]:
    documents = customer.identity_documents
    if documents and customer.kind is not CustomerKind.PERSON:
        return [Refused("only_for_people", _FOR_PEOPLE, ("identity_documents",))]
    keys = [(document.kind, compact(document.number), document.country) for document in documents]
    return [
        Refused("duplicate_entry", _TWICE, ("identity_documents", index))
        for index, key in enumerate(keys)
        if key in keys[:index]
    ]
