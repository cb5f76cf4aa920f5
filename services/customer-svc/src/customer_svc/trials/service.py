"""Use cases of trials: keep what would be written, let later records be compared with it, forget it in the end.

What is kept is in the database and not in the process, so that memory stays flat however long a file is, and another
worker goes on where one was killed. It is sealed under keys that are nowhere else, and lives no longer than the trial.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel

from crm_contracts.customer.v1 import CustomerKind, Email, IdentityDocument, Phone, PostalAddress, Registration
from crm_contracts.sealing import place, seal, unseal
from crm_platform.custom_fields.trying import Filed
from crm_platform.db import Connection
from crm_platform.sealing.vault import vault_of
from crm_platform.uow import UnitOfWork
from customer_svc.duplicates.service import Described, Trial, keys_of, profile_of
from customer_svc.trials import repository
from customer_svc.trials.repository import Tried


class Trying(Described, Protocol):
    """A record as it would be."""

    @property
    def id(self) -> UUID: ...  # noqa: D102 - as of all records


class _Kept(BaseModel):
    """What of a record is compared."""

    kind: CustomerKind
    name: str
    name_latin: str | None
    short_name: str | None
    website: str | None
    phones: tuple[Phone, ...]
    emails: tuple[Email, ...]
    addresses: tuple[PostalAddress, ...]
    registrations: tuple[Registration, ...]
    identity_documents: tuple[IdentityDocument, ...]

    @classmethod
    def of(cls, record: Trying) -> "_Kept":
        return cls.model_construct(**{name: getattr(record, name) for name in cls.model_fields})


async def keep(unit: UnitOfWork, trial_id: UUID, records: Sequence[Trying]) -> None:
    """Let later records of a trial be compared with these, each of which it would enter, or change once."""
    if not records:
        return
    tenant, vault = unit.caller.tenant_id, vault_of(unit.connection)
    key = vault.new_key(tenant, trial_id)
    tried = [
        Tried(
            one.id,
            seal(key.cipher, _Kept.of(one).model_dump_json().encode(), _place(tenant, trial_id, one.id)),
            keys_of(vault.index, tenant, profile_of(one)),
        )
        for one in records
    ]
    await repository.add(unit.connection, trial_id, tried, kek_id=key.kek_id, wrapped_key=key.wrapped)


def going_on(unit: UnitOfWork, trial_id: UUID) -> Trial:
    """A trial, for searches that take what it would write as written."""
    return Trial(trial_id, partial(_load, unit.connection, unit.caller.tenant_id, trial_id))


class Left:
    """How a trial would leave what is filed under keys of one kind, beside what tables say.

    Args:
        unit: Of the present step of the trial.
        trial_id: The trial.
        kind: Of the keys, which are kept blind.
    """

    def __init__(self, unit: UnitOfWork, trial_id: UUID, kind: str) -> None:
        self._unit, self._trial_id = unit, trial_id
        self._kind, self._anew = f"left.{kind}", f"anew.{kind}"

    async def file(self, records: Sequence[Filed]) -> None:
        """Let records stand under keys from now on."""
        keys = {(self._kind, self._blind(key), one.record_id) for one in records for key in one.keys}
        keys |= {(self._anew, one.record_id, one.record_id) for one in records if one.anew}
        await repository.file(self._unit.connection, self._trial_id, keys)

    async def as_left(
        self, wanted: Collection[str], found: Mapping[str, Sequence[UUID]]
    ) -> dict[str, tuple[UUID, ...]]:
        """The records that would stand under the keys that are ``wanted``, given those that do."""
        blind = {self._blind(key): key for key in wanted}
        there = {id for ids in found.values() for id in ids}
        asked = {(self._kind, key) for key in blind} | {(self._anew, id) for id in there}
        rows = await repository.filed(self._unit.connection, self._trial_id, asked)
        elsewhere = {row["record_id"] for row in rows if row["kind"] == self._anew}
        left = {key: [id for id in ids if id not in elsewhere] for key, ids in found.items()}
        for row in rows:
            if row["kind"] == self._kind:
                left.setdefault(blind[row["key"]], []).append(row["record_id"])
        return {key: tuple(dict.fromkeys(ids)) for key, ids in left.items() if ids}

    def _blind(self, key: str) -> UUID:
        return vault_of(self._unit.connection).index.key(self._unit.caller.tenant_id, self._kind, key)


async def forget(unit: UnitOfWork, trial_id: UUID) -> None:
    """Forget a trial that has ended."""
    await repository.forget(unit.connection, trial_id)


async def _load(
    connection: Connection, tenant_id: UUID, trial_id: UUID, ids: Sequence[UUID]
) -> Mapping[UUID, Described]:
    vault = vault_of(connection)
    found: dict[UUID, Described] = {}
    for row in await repository.find(connection, trial_id, ids):
        cipher = vault.cipher(tenant_id, trial_id, row["kek_id"], row["wrapped_key"])
        content = unseal(cipher, row["sealed"], _place(tenant_id, trial_id, row["record_id"]))
        found[row["record_id"]] = _Kept.model_validate_json(content)
    return found


def _place(tenant_id: UUID, trial_id: UUID, record_id: UUID) -> bytes:
    return place("trial", tenant_id, trial_id, record_id)
