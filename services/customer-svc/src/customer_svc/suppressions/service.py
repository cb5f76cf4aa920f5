"""Who must not be brought back by other systems, imports of old files and old messages."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_contracts.customer.v1 import Email, Phone
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.suppressions import repository
from customer_svc.values.emails import email_key

Value = tuple[str, str]
"""A kind (``phone``, ``email``, ``ref``) and a value in the one form in which all that count as equal are spelled."""


class Reachable(Protocol):
    """Whoever has phones, e-mail addresses, and ids in other systems."""

    @property
    def phones(self) -> tuple[Phone, ...]: ...  # noqa: D102 - the members are those of the contract
    @property
    def emails(self) -> tuple[Email, ...]: ...  # noqa: D102
    @property
    def external_refs(self) -> tuple[ExternalRef, ...]: ...  # noqa: D102


def values_of(person: Reachable) -> list[Value]:
    """By what a person would be brought back."""
    values = [("phone", phone.number) for phone in person.phones if phone.number]
    values += [("email", key) for email in person.emails if (key := email_key(email.address))]
    return [*values, *map(ref_value, person.external_refs)]


def ref_value(ref: ExternalRef) -> Value:
    """How the id in another system is suppressed."""
    return "ref", f"{ref.system}:{ref.external_id}"


async def suppress(unit: UnitOfWork, values: Iterable[Value]) -> None:
    """Let nobody be brought back by one of these values."""
    keys = _keys(unit, values)
    if keys:
        await repository.add(unit.connection, keys, unit.now)


async def is_suppressed(unit: UnitOfWork, values: Iterable[Value]) -> bool:
    """Whether one of these values is that of somebody who was erased."""
    keys = _keys(unit, values)
    return bool(keys) and await repository.has_any(unit.connection, keys)


async def suppressed_of(unit: UnitOfWork, values: Iterable[Value]) -> set[Value]:
    """Those of ``values`` that are of somebody who was erased; two statements, however many there are.

    Where nobody was erased, as with most companies, none of them is looked at.
    """
    if not await repository.has_some(unit.connection):
        return set()
    blind = vault_of(unit.connection).index.of(unit.caller.tenant_id)
    by_key = {(kind, blind(f"suppressed.{kind}", value)): (kind, value) for kind, value in values}
    found = await repository.known(unit.connection, by_key) if by_key else set()
    return {by_key[key] for key in found}


def _keys(unit: UnitOfWork, values: Iterable[Value]) -> list[tuple[str, UUID]]:
    index, tenant = vault_of(unit.connection).index, unit.caller.tenant_id
    return sorted({(kind, index.key(tenant, f"suppressed.{kind}", value)) for kind, value in values if value})
