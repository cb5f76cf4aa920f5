"""The keys under which customers are filed, so that those who may be the same are found."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Uuid

from crm_platform.db.schema import tenant_table
from crm_platform.sealing import RecordKeys
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.record_keys import Entry as Filed
from crm_platform.sealing.record_keys import Values
from customer_svc.duplicates.domain import Described, entry_of
from customer_svc.duplicates.matching.keys import Key, probe_keys, stored_keys
from customer_svc.duplicates.matching.profile import Profile, profile
from customer_svc.metadata import METADATA

not_duplicates: Table = tenant_table(
    "not_duplicates",
    METADATA,
    Column("left_id", Uuid, nullable=False),
    Column("right_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "left_id", "right_id"),
    CheckConstraint("left_id < right_id", name="ordered"),
    Index(None, "tenant_id", "right_id"),
)
"""Customers of whom a person has said that they are different, each two once."""

PREFIX = "alike."
"""Kinds of keys that serve the search for duplicates, beside those by which sealed members are filtered."""


def _hash(index: BlindIndex, tenant_id: UUID, kind: str, text: str) -> UUID:
    return index.key(tenant_id, PREFIX + kind, text)


def _prefixed(keys: frozenset[Key]) -> frozenset[Filed]:
    return frozenset((PREFIX + kind, key) for kind, key in keys)


class DuplicateKeys(RecordKeys):
    """Files records also under what those are found by that may be the same.

    Takes the place of :class:`RecordKeys` in the ``Sealed`` of an aggregate whose states are like customers.

    Args:
        table: Where the keys are.
        kinds: As for ``RecordKeys``.
        described: What of a state is compared.
    """

    def __init__(
        self, table: Table, kinds: Mapping[str, Values], described: Callable[[Any], Described] = lambda state: state
    ) -> None:
        super().__init__(table, kinds)
        self._described = described

    def entries(self, index: BlindIndex, tenant_id: UUID, state: Any) -> set[Filed]:
        """The keys of ``state``."""
        alike = keys_of(index, tenant_id, profile(entry_of(self._described(state))))
        return super().entries(index, tenant_id, state) | alike


@lru_cache(maxsize=2048)
def keys_of(index: BlindIndex, tenant_id: UUID, one: Profile) -> frozenset[Filed]:
    """The keys under which ``one`` is filed, to be found by those who may be the same."""
    return _prefixed(stored_keys(one, partial(_hash, index, tenant_id)))


def wanted_keys(index: BlindIndex, tenant_id: UUID, asked: Profile) -> frozenset[Filed]:
    """The keys under which to look for who may be the same as ``asked``."""
    return _prefixed(probe_keys(asked, partial(_hash, index, tenant_id)))
