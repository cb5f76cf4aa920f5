"""When a contact can speak for a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm_contracts.contact.v1 import ContactStatus


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact as their last event told.

    Attributes:
        id: Theirs, in customer-svc.
        name: The whole name, as it is written.
        status: Whether they are still there.
        customers: At which customers they are, with the last day there; None for no end.
    """

    id: UUID
    name: str
    status: str
    customers: Mapping[UUID, date | None]

    def speaks_for(self, customer_id: UUID, on: date) -> bool:
        """Whether they are active, and at that customer on that day."""
        if self.status != ContactStatus.ACTIVE or customer_id not in self.customers:
            return False
        last = self.customers[customer_id]
        return last is None or last >= on
