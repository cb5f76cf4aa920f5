"""Sealed members of an aggregate's records where another resource shows them: lists of parts of records, and copies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic_core import to_json
from sqlalchemy import Label, Table, Text, cast, func, literal_column, select
from sqlalchemy.sql.expression import FromClause

from crm_platform.sealing.members import SELECTED, SealedPart
from crm_platform.sealing.tables import SEALED
from crm_platform.sealing.vault import Vault

_COPY, _TOLD = "sealed_copy", "sealed_told"


class BorrowedPart(SealedPart):
    """Sealed members of ``part``, under other names, in rows with the columns of its records.

    Args:
        part: Whose.
        shows: Names here, each with the member that is shown.
    """

    def __init__(self, part: SealedPart, shows: Mapping[str, str]) -> None:
        self.__dict__.update(part.__dict__)
        self._shows = dict(shows)
        self.members = tuple(shows)
        self.tells_erasure = False
        self.lent = part
        self.empty = to_json({name: part.defaults[member] for name, member in shows.items()})

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """See :meth:`SealedPart.columns`."""
        return self.lent.columns(source)

    def read(
        self, vault: Vault, tenant_id: UUID, id: UUID, row: Mapping[str, Any]
    ) -> tuple[bytes | None, datetime | None]:
        """See :meth:`SealedPart.read`."""
        content, erased_at = self.lent.read(vault, tenant_id, id, row)
        return (None if content is None else self._renamed(content)), erased_at

    def _renamed(self, content: bytes) -> bytes:
        members = orjson.loads(content)
        return orjson.dumps({name: members[member] for name, member in self._shows.items()})


class CopiedPart(BorrowedPart):
    """The same in rows of a copy, which hold what they show in the clear unless the record behind them is sealed.

    Args:
        part: Whose.
        shows: Columns of the copy, each with the member that it is a copy of.
        table: Where the records are.
        record: The column of the copy with the id of the record.
    """

    def __init__(self, part: SealedPart, shows: Mapping[str, str], *, table: Table, record: str) -> None:
        super().__init__(part, shows)
        self._records = table
        self._record = record

    def columns(self, source: FromClause) -> list[Label[Any]]:
        """See :meth:`SealedPart.columns`."""
        shown = (one for name in self.members for one in (literal_column(f"'{name}'"), source.c[name]))
        records = self._records.alias("told")
        parts = [label.element for label in self.lent.columns(records)]
        told = select(func.row(records.c.id, *parts)).where(
            records.c.tenant_id == source.c.tenant_id,
            records.c.id == source.c[self._record],
            records.c[SEALED].is_not(None),
        )
        copy = cast(func.json_build_object(*shown), Text)
        return [copy.label(_COPY), told.correlate(source).scalar_subquery().label(_TOLD)]

    def read(
        self,
        vault: Vault,
        tenant_id: UUID,
        id: UUID,  # noqa: ARG002  it is that of the copy; what is sealed is bound to that of the record
        row: Mapping[str, Any],
    ) -> tuple[bytes | None, datetime | None]:
        """See :meth:`SealedPart.read`."""
        if row[_TOLD] is None:
            return row[_COPY].encode(), None
        record, *parts = row[_TOLD]
        return super().read(vault, tenant_id, record, dict(zip(SELECTED, parts, strict=False)))
