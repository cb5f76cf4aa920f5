"""The custom fields of one aggregate: where they are, and what a company has defined, as this process knows it.

What a process knows may be out of date. That harms nobody who writes: the statement that writes a record does so only
if the revision by which it was checked is the last one; if it is not, nothing is written, and the record is checked
anew. Readers look for a newer revision once a second, and at once when somebody asks for a custom field by its name.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, Text, bindparam, select
from sqlalchemy.sql.expression import FromClause

from crm_platform.cel import FieldMap, field_map
from crm_platform.custom_fields.columns import CUSTOM
from crm_platform.custom_fields.domain import CustomField
from crm_platform.custom_fields.expressions import fields_of
from crm_platform.custom_fields.fieldset import FieldSet, readable
from crm_platform.custom_fields.tables import FIELDS, REVISIONS
from crm_platform.db import Connection, Query

LOOKED_AT_EVERY: Final = 1.0
"""Seconds for which readers trust what they know."""
_MOST: Final = 10_000
"""Companies whose fields are known at a time."""

_RESOURCE = bindparam("resource", type_=Text)
_REVISION = Query(select(REVISIONS.c.revision).where(REVISIONS.c.resource == _RESOURCE))
_DEFINED = Query(
    select(*(column for column in FIELDS.c if column.name != "tenant_id")).where(FIELDS.c.resource == _RESOURCE)
)


@dataclass(slots=True)
class _Known:
    fields: FieldSet
    looked_at: float


@dataclass(eq=False)
class CustomPart:
    """The custom fields of one aggregate.

    Attributes:
        resource: Whose records have them.
        table: Where the records are.
        slots: The side table of their indexed values.
        choices: The side table of indexed fields with several choices.
        targets: Tables of the records that references point to, by resource.
        base: The open fields of every record, which formulas read; set by the aggregate.
    """

    resource: str
    table: Table
    slots: Table
    choices: Table
    targets: Mapping[str, FromClause]
    base: FieldMap = field(default_factory=dict)
    _known: OrderedDict[UUID, _Known] = field(default_factory=OrderedDict, repr=False)
    _none: FieldSet | None = field(default=None, repr=False)

    async def fields(self, connection: Connection, tenant_id: UUID) -> FieldSet:
        """The fields of a company, as this process knows them, however long ago it looked."""
        known = self._known.get(tenant_id)
        return known.fields if known is not None else await self.renewed(connection, tenant_id)

    def recent(self, tenant_id: UUID) -> FieldSet | None:
        """The fields of a company, if this process has looked within the last second."""
        known = self._known.get(tenant_id)
        if known is None or time.monotonic() - known.looked_at > LOOKED_AT_EVERY:
            return None
        return known.fields

    async def renewed(self, connection: Connection, tenant_id: UUID) -> FieldSet:
        """The fields of a company as they are now."""
        moment = time.monotonic()
        revision: int = await connection.fetchval(_REVISION.text, self.resource) or 0
        known = self._known.get(tenant_id)
        if known is None or known.fields.revision != revision:
            known = _Known(await self._load(connection, revision) if revision else self._nothing(), moment)
        known.looked_at = moment
        self._known[tenant_id] = known
        self._known.move_to_end(tenant_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return known.fields

    def forget(self, tenant_id: UUID) -> None:
        """Look again before the fields of a company are used."""
        self._known.pop(tenant_id, None)

    async def _load(self, connection: Connection, revision: int) -> FieldSet:
        rows: Any = await connection.fetch(_DEFINED.text, self.resource)
        fields = [CustomField.model_validate(dict(row)) for row in rows]
        return self.field_set(revision, fields)

    def _nothing(self) -> FieldSet:
        """What most companies have defined: one set for all of them."""
        if self._none is None:
            self._none = self.field_set(0, [])
        return self._none

    def field_set(self, revision: int, fields: list[CustomField]) -> FieldSet:
        """These fields, of this aggregate."""
        return FieldSet(revision, fields, self.base, self.table.c[CUSTOM])

    def read_by_formulas(self, fields: Iterable[CustomField]) -> FieldMap:
        """What formulas read where there are these fields."""
        own = fields_of(
            self.table.c[CUSTOM], (one for one in fields if one.active and (one.result or not one.computed))
        )
        return readable(field_map(*self.base.values(), *own))
