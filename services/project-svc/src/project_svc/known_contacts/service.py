"""Using the local copy of the contacts."""

from datetime import date
from uuid import UUID

from crm_platform.db import Connection
from project_svc.known_contacts import repository
from project_svc.known_contacts.domain import KnownContact
from project_svc.known_contacts.errors import ContactNotAtCustomer, UnknownContact

__all__ = ["KnownContact", "expect_speaker", "find"]

find = repository.find


async def expect_speaker(connection: Connection, contact_id: UUID, *, customer_id: UUID, on: date) -> KnownContact:
    """The contact who decides in the name of a customer on a day.

    Raises:
        UnknownContact: This service has not heard of such a contact, or it is gone.
        ContactNotAtCustomer: They have left, or are at others.
    """
    contact = await find(connection, contact_id)
    if contact is None:
        raise UnknownContact(contact_id=contact_id)
    if not contact.speaks_for(customer_id, on):
        raise ContactNotAtCustomer(contact_id=contact_id, customer_id=customer_id)
    return contact
