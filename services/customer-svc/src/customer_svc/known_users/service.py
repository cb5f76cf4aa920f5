"""Keeping and asking the copy of the people; e-mail addresses are sealed under keys of their own, and found blindly."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from crm_contracts.identity.v1 import UserEvent, UserSnapshot
from crm_contracts.sealing import place, seal, unseal
from crm_platform.db import Connection
from crm_platform.events.wire import Record
from crm_platform.sealing.subjects import Erased, keys_for_writing
from crm_platform.sealing.vault import Vault, vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.known_users import repository
from customer_svc.known_users.domain import People, Person
from customer_svc.known_users.models import KNOWN_USERS
from customer_svc.values.emails import email_key
from customer_svc.values.names import id_in, name_key

_KIND: Final = "user.email"
"""The kind of the blind keys of their addresses."""


async def keep(unit: UnitOfWork, events: Sequence[tuple[UserEvent, Record]]) -> None:
    """Bring the copies up to date with what is told of people, in order; the last state of each counts."""
    tenant, vault = unit.caller.tenant_id, vault_of(unit.connection)
    last = {event.state.id: event.state for event, _ in events}
    keys = await keys_for_writing(unit.connection, vault, tenant, last.keys())
    rows = []
    for id, state in last.items():
        key = keys[id]
        email: dict[str, Any] = {"email_key": None, "email_sealed": None}
        if not isinstance(key, Erased):
            email["email_key"] = _blind(vault, tenant, state.email)
            email["email_sealed"] = seal(key.cipher, state.email.encode(), _place(tenant, id))
        rows.append(_row(state) | email)
    await KNOWN_USERS.keep(unit.connection, rows)


def _row(state: UserSnapshot) -> dict[str, Any]:
    own = {name: getattr(state, name) for name in ("id", "version", "name", "team_id", "active")}
    return own | {"name_key": name_key(state.name)}


async def people_named(unit: UnitOfWork, texts: Collection[str]) -> People:
    """Whom texts may mean that hold an e-mail address, a name or an id; a text that means nobody is absent."""
    tenant, vault = unit.caller.tenant_id, vault_of(unit.connection)
    emails = {text: _blind(vault, tenant, text) for text in texts if "@" in text}
    ids = {text: id for text in texts if (id := id_in(text)) is not None}
    names = {text: name_key(text) for text in texts}
    asked = (set(names.values()), set(emails.values()), set(ids.values()))
    rows = await repository.named(unit.connection, *asked) if texts else []
    return _by_text(texts, rows, {"name_key": names, "email_key": emails, "id": ids})


def _by_text(
    texts: Collection[str], rows: Sequence[Any], wanted: Mapping[str, Mapping[str, object]]
) -> dict[str, tuple[Person, ...]]:
    by_value: dict[tuple[str, object], list[Person]] = {}
    for row in rows:
        person = Person(row["id"], row["team_id"], row["active"])
        for column in wanted:
            by_value.setdefault((column, row[column]), []).append(person)
    found: dict[str, tuple[Person, ...]] = {}
    for text in texts:
        said = [(column, values[text]) for column, values in wanted.items() if text in values]
        people = dict.fromkeys(person for key in said for person in by_value.get(key, ()))
        if people:
            found[text] = tuple(people)
    return found


async def names_of(connection: Connection, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these people are called; of several with one name, their e-mail addresses. Who is not known is absent."""
    names = await repository.unique_names(connection, ids) if ids else {}
    return names | await emails_of(connection, tenant_id, [id for id in ids if id not in names])


async def emails_of(connection: Connection, tenant_id: UUID, ids: Collection[UUID]) -> dict[UUID, str]:
    """The e-mail addresses of these people; of whom none is known is absent."""
    vault = vault_of(connection)
    rows = await repository.sealed_emails(connection, ids) if ids else []
    return {row["id"]: _opened(vault, tenant_id, row) for row in rows}


def _opened(vault: Vault, tenant_id: UUID, row: Any) -> str:
    cipher = vault.cipher(tenant_id, row["id"], row["kek_id"], row["wrapped_key"])
    return unseal(cipher, row["email_sealed"], _place(tenant_id, row["id"])).decode()


def _blind(vault: Vault, tenant_id: UUID, address: str) -> UUID:
    return vault.index.key(tenant_id, _KIND, email_key(address.strip()) or "")


def _place(tenant_id: UUID, id: UUID) -> bytes:
    return place("user", tenant_id, id)
