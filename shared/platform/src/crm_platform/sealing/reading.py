"""Sealed members in what clients read: opened per row, and put into the JSON that PostgreSQL rendered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Label
from sqlalchemy.sql.expression import FromClause

from crm_platform.sealing.members import ERASED_AT, SealedPart, splice
from crm_platform.sealing.vault import Vault

_PRESENT = orjson.dumps({ERASED_AT: None})


class SealedReading:
    """The sealed members that one read wants, all or some."""

    def __init__(self, part: SealedPart, names: Sequence[str] | None) -> None:
        self._part = part
        self._some = None if names is None or set(part.members) <= set(names) else frozenset(names)
        self._says_erased = part.tells_erasure and (names is None or ERASED_AT in names)

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """What the statement selects for it."""
        return self._part.columns(source)

    def finish(self, vault: Vault, tenant_id: UUID, id: UUID, shown: bytes, row: Mapping[str, Any]) -> bytes:
        """``shown``, the JSON of the open members, together with the sealed ones."""
        content, erased_at = self._part.read(vault, tenant_id, id, row)
        if content is None:
            content = self._part.empty
        if self._some is not None:
            members = orjson.loads(content)
            content = orjson.dumps({name: value for name, value in members.items() if name in self._some})
        return splice(shown, splice(content, _erasure(erased_at)) if self._says_erased else content)


def with_members(shown: bytes, content: bytes, erased_at: datetime | None) -> bytes:
    """The JSON of a record that was just written: ``content`` are its sealed members."""
    return splice(shown, splice(content, _erasure(erased_at)))


def _erasure(at: datetime | None) -> bytes:
    """The member that says whether the others are erased."""
    return _PRESENT if at is None else orjson.dumps({ERASED_AT: at})
