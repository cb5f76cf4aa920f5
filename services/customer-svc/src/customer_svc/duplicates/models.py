"""The keys under which customers are filed, so that those who may be the same are found."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from crm_platform.sealing import RecordKeys
from crm_platform.sealing.index import BlindIndex
from crm_platform.sealing.record_keys import Entry as Filed
from crm_platform.sealing.record_keys import Values
from customer_svc.duplicates.domain import Described, entry_of
from customer_svc.duplicates.matching.keys import Key, probe_keys, stored_keys
from customer_svc.duplicates.matching.profile import Profile, profile

PREFIX = "alike."
"""Kinds of keys that serve the search for duplicates, beside those by which sealed members are filtered."""


def _hash(index: BlindIndex, tenant_id: UUID, kind: str, text: str) -> UUID:
    return index.key(tenant_id, PREFIX + kind, text)


def _prefixed(keys: frozenset[Key]) -> set[Filed]:
    return {(PREFIX + kind, key) for kind, key in keys}


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
        alike = stored_keys(profile(entry_of(self._described(state))), partial(_hash, index, tenant_id))
        return super().entries(index, tenant_id, state) | _prefixed(alike)


def wanted_keys(index: BlindIndex, tenant_id: UUID, asked: Profile) -> set[Filed]:
    """The keys under which to look for who may be the same as ``asked``."""
    return _prefixed(probe_keys(asked, partial(_hash, index, tenant_id)))
