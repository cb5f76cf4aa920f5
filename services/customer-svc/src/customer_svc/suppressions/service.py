"""Who must not be brought back by other systems, imports of old files and old messages."""

from collections.abc import Iterable
from uuid import UUID

from crm_contracts.base import ExternalRef
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.suppressions import repository

Value = tuple[str, str]
"""A kind (``phone``, ``email``, ``ref``) and a value in the one form in which all that count as equal are spelled."""


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


def _keys(unit: UnitOfWork, values: Iterable[Value]) -> list[tuple[str, UUID]]:
    index, tenant = vault_of(unit.connection).index, unit.caller.tenant_id
    return sorted({(kind, index.key(tenant, f"suppressed.{kind}", value)) for kind, value in values if value})
