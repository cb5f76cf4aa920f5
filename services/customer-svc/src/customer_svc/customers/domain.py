"""Rules of customers: names, life cycle, hierarchy."""

import unicodedata
from collections.abc import Iterable, Mapping
from uuid import UUID

from crm_contracts.base import ExternalRef, Money
from crm_contracts.customer.v1 import Address, CustomerGrade, CustomerKind, CustomerStatus
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

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

FIELD_OWNERS: Mapping[str, str] = {
    "payment_terms_days": "erp",
    "credit_limit": "erp",
    "registration_id": "erp",
}
"""Fields that another system owns once a customer is linked to it; all other fields are ours."""

MAX_DEPTH = 20
"""Levels of parent companies; deeper trees are mistakes."""


def name_key(name: str) -> str:
    """What names are compared and sorted by: width, case and spacing do not count.

    Full-width forms become half-width (NFKC), letters are case-folded, white space is dropped, so that
    ``Ｇｕａｎｘｉ　科技`` and ``guanxi科技`` have the same key.
    """  # noqa: RUF002 - full-width letters are the example
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def email_key(email: str | None) -> str | None:
    """What e-mail addresses are compared by."""
    return unicodedata.normalize("NFKC", email).casefold() if email else None


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

    def can(self, action: str) -> bool:
        """Whether the life cycle allows ``action`` now."""
        return action in LIFE_CYCLE.actions(self.status)

    def move(self, action: str) -> "Customer":
        """The customer after ``action`` of the life cycle.

        Raises:
            InvalidTransition: Not possible in the present state.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, action))

    def owned_elsewhere(self, fields: Iterable[str], system: str) -> dict[str, str]:
        """Which of ``fields`` belong to a linked system other than ``system``, which wants to change them."""
        linked = {ref.system for ref in self.external_refs} - {system}
        return {name: FIELD_OWNERS[name] for name in fields if FIELD_OWNERS.get(name) in linked}

    def linked(self, ref: ExternalRef) -> "Customer":
        """The customer, known to ``ref.system`` under ``ref.external_id`` from now on."""
        others = tuple(known for known in self.external_refs if known.system != ref.system)
        return self.with_(external_refs=(*others, ref))
