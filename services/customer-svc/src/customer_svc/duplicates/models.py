"""The keys under which customers are filed, so that those who may be the same are found."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple, Self
from uuid import UUID

from asyncpg.pgproto import pgproto
from sqlalchemy import CheckConstraint, Column, Index, PrimaryKeyConstraint, Table, Uuid

from crm_platform.db.schema import tenant_table
from crm_platform.sealing import RecordKeys
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.record_keys import Entry as Filed
from crm_platform.sealing.record_keys import Values
from customer_svc.duplicates.domain import Described, entry_of
from customer_svc.duplicates.matching.keys import Text, probe_texts, stored_texts
from customer_svc.duplicates.matching.profile import Entry, Profile, profile
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


def _hashed(index: BlindIndex, tenant_id: UUID, texts: Iterable[Text]) -> frozenset[Filed]:
    blind = index.of(tenant_id)
    return frozenset([(filed := PREFIX + kind, blind(filed, text)) for kind, text in texts])


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
        alike = keys_of_entry(index, tenant_id, entry_of(self._described(state)))
        return super().entries(index, tenant_id, state) | alike

    def changes(self, index: BlindIndex, tenant_id: UUID, before: Any, after: Any) -> tuple[set[Filed], set[Filed]]:
        """The keys that a change adds, and those that it removes; most changes leave what is compared as it is."""
        was, now = super().entries(index, tenant_id, before), super().entries(index, tenant_id, after)
        one, other = entry_of(self._described(before)), entry_of(self._described(after))
        if one != other:
            was |= keys_of_entry(index, tenant_id, one)
            now |= keys_of_entry(index, tenant_id, other)
        return now - was, was - now


class Packed(NamedTuple):
    """The keys of a record on their way from another process, in little room."""

    kinds: tuple[str, ...]
    keys: bytes

    @classmethod
    def of(cls, keys: Iterable[Filed]) -> Self:
        """These keys."""
        listed = list(keys)
        return cls(tuple([intern(kind) for kind, _ in listed]), b"".join([key.bytes for _, key in listed]))

    def opened(self) -> frozenset[Filed]:
        """The keys again."""
        every = range(0, len(self.keys), _KEY_BYTES)
        return frozenset(zip(self.kinds, [pgproto.UUID(self.keys[at : at + _KEY_BYTES]) for at in every], strict=True))


_KEY_BYTES = 16
_WORKED_OUT: OrderedDict[tuple[BlindIndex, UUID, Entry], frozenset[Filed]] = OrderedDict()
_KEPT = 2048


def note_keys(index: BlindIndex, tenant_id: UUID, described: Described, keys: frozenset[Filed]) -> None:
    """Remember under which keys somebody is filed, whom another process has worked that out for."""
    _WORKED_OUT[index, tenant_id, entry_of(described)] = keys
    if len(_WORKED_OUT) > _KEPT:
        _WORKED_OUT.popitem(last=False)


def keys_of_entry(index: BlindIndex, tenant_id: UUID, entry: Entry) -> frozenset[Filed]:
    """The keys under which whoever says this is filed."""
    known = _WORKED_OUT.get((index, tenant_id, entry))
    return keys_of(index, tenant_id, profile(entry)) if known is None else known


@lru_cache(maxsize=2048)
def keys_of(index: BlindIndex, tenant_id: UUID, one: Profile) -> frozenset[Filed]:
    """The keys under which ``one`` is filed, to be found by those who may be the same."""
    return _hashed(index, tenant_id, stored_texts(one))


def wanted_keys(index: BlindIndex, tenant_id: UUID, asked: Profile) -> frozenset[Filed]:
    """The keys under which to look for who may be the same as ``asked``."""
    return _hashed(index, tenant_id, probe_texts(asked))
