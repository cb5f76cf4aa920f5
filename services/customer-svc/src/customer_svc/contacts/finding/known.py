"""Which contact somebody is whom a file tells of, and what the file adds to it."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.contacts import repository
from customer_svc.contacts.domain import Contact
from customer_svc.contacts.errors import ContactAmbiguous
from customer_svc.contacts.models import CONTACT_REFS, CONTACTS
from customer_svc.contacts.schemas import ContactCreate
from customer_svc.values.emails import email_key
from customer_svc.values.lists import ADDRESSES, EMAILS, PHONES
from customer_svc.values.names import name_key

_LISTS: Final[Mapping[str, Callable[[Any], Hashable]]] = {
    "phones": PHONES.distinct,
    "emails": EMAILS.distinct,
    "addresses": ADDRESSES.distinct,
    "messengers": lambda one: (one.kind, name_key(one.account)),
    "websites": lambda one: one,
    "tags": lambda one: one,
}
"""Fields with several values, and what no two of them may share."""

_KINDS: Final = ("phone", "email")


def reached_by(body: ContactCreate) -> list[tuple[str, str]]:
    """The numbers and addresses by which a contact to be would be known, normalised, each with its kind."""
    phones = [("phone", one.number) for one in body.phones if one.number]
    return phones + [("email", str(email_key(one.address))) for one in body.emails]


async def find_known(unit: UnitOfWork, body: ContactCreate) -> Contact | None:
    """The contact that has an external id of ``body``, or else its name and a number or address of it.

    Raises:
        ContactAmbiguous: Several have the latter.
    """
    found = await CONTACT_REFS.find(unit.connection, body.external_refs)
    ids: Iterable[UUID] = set(found.values())
    if not ids:
        blind = vault_of(unit.connection).index.of(unit.caller.tenant_id)
        keys = [blind(kind, value) for kind, value in reached_by(body)]
        ids = {id for _, id in await repository.by_keys(unit.connection, _KINDS, keys)} if keys else set()
    known = await unit.find_many(CONTACTS, sorted(ids), lock=False)
    alike = [one for one in known.values() if found or name_key(one.name) == name_key(body.name)]
    if len(alike) > 1:
        raise ContactAmbiguous(number=len(alike), name=body.name)
    return alike[0] if alike else None


def added_to(contact: Contact, body: ContactCreate) -> ContactCreate:
    """``body`` with all that the contact has in its lists already: a file that knows less takes nothing away."""
    joined: dict[str, Any] = {}
    for name, distinct in _LISTS.items():
        if name not in body.model_fields_set:
            continue
        before = getattr(contact, name)
        known = set(map(distinct, before))
        more = [one for one in getattr(body, name) if distinct(one) not in known]
        joined[name] = (*before, *(_less_important(one) if before else one for one in more))
    return body.model_copy(update=joined)


def _less_important(entry: Any) -> Any:
    return entry.model_copy(update={"primary": False}) if hasattr(entry, "primary") else entry
