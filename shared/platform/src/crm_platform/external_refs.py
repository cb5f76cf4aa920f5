"""Under which ids other systems know our records: one small table per aggregate, so that no record is entered twice."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.sql.selectable import TableValuedAlias

from crm_contracts.base import ExternalRef
from crm_platform.db import Connection, Query
from crm_platform.db.schema import belongs_to, tenant_table
from crm_platform.errors import Conflict
from crm_platform.words import Words


class ExternalIdTaken(Conflict):
    """Two records cannot be the same record of another system."""

    code = "external_id_taken"
    title, title_zh = "External id taken", "外部编号已被占用"
    en = "The id `{external_id}` of system `{system}` already belongs to another {what}."
    zh = "系统“{system}”的编号“{external_id}”已属于另一个{what}。"


def external_refs_table(name: str, metadata: MetaData, *, column: str, table: str) -> Table:
    """The index of the external ids of the records in ``table``; ``column`` names the record."""
    return tenant_table(
        name,
        metadata,
        Column("system", Text, nullable=False),
        Column("external_id", Text, nullable=False),
        Column(column, Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "system", "external_id"),
        belongs_to(column, table),
        Index(None, "tenant_id", column),
    )


class ExternalRefs:
    """The external ids of one aggregate's records.

    Build one per aggregate in ``models.py``, from a table of :func:`external_refs_table`. The records
    themselves carry their external ids too; whoever changes them there keeps this index in step.
    """

    def __init__(self, table: Table, *, column: str, what: Words) -> None:
        self._what = what
        record = table.c[column]
        wanted = _arrays("system", "external_id").render_derived("wanted")
        given = _arrays("system", "external_id", record=Uuid).render_derived("given")
        same = (table.c.system == wanted.c.system) & (table.c.external_id == wanted.c.external_id)
        self._find = Query(select(table.c.system, table.c.external_id, record).join(wanted, same))
        names = ["system", "external_id", column]
        self._add = Query(insert(table).from_select(names, select(given.c.system, given.c.external_id, given.c.record)))
        self._drop = Query(delete(table).where(record == bindparam("records", type_=ARRAY(Uuid)).any_()))

    async def find(self, connection: Connection, refs: Sequence[ExternalRef]) -> dict[ExternalRef, UUID]:
        """The records behind ``refs``; unknown ones are absent."""
        if not refs:
            return {}
        arguments = self._find.args(system=[r.system for r in refs], external_id=[r.external_id for r in refs])
        rows = await connection.fetch(self._find.text, *arguments)
        return {ExternalRef(system=row[0], external_id=row[1]): row[2] for row in rows}

    async def find_one(self, connection: Connection, ref: ExternalRef) -> UUID | None:
        """The record that another system knows under ``ref``."""
        return (await self.find(connection, [ref])).get(ref)

    async def add(self, connection: Connection, links: Iterable[tuple[ExternalRef, UUID]]) -> None:
        """Remember further ids.

        Raises:
            asyncpg.UniqueViolationError: One of them belongs to another record.
        """
        # Sorted, so that two transactions that add the same ids never wait for each other.
        rows = sorted((ref.system, ref.external_id, record) for ref, record in links)
        if rows:
            systems, external_ids, records = zip(*rows, strict=True)
            arguments = self._add.args(system=systems, external_id=external_ids, record=records)
            await connection.execute(self._add.text, *arguments)

    async def replace(self, connection: Connection, record: UUID, refs: Sequence[ExternalRef]) -> None:
        """Make ``refs`` the record's only external ids.

        Raises:
            ExternalIdTaken: One of them belongs to another record.
        """
        await self.replace_many(connection, {record: refs})

    async def replace_many(self, connection: Connection, refs: Mapping[UUID, Sequence[ExternalRef]]) -> None:
        """Like :meth:`replace`, for many records at once; ids may go from one of them to another.

        Raises:
            ExternalIdTaken: One of the ids belongs to a record that is not among these, or is given to two of them.
        """
        if not refs:
            return
        given = {ref: record for record, listed in refs.items() for ref in listed}
        known = await self.find(connection, list(given))
        for ref, record in ((ref, record) for record, listed in refs.items() for ref in listed):
            if given[ref] != record or known.get(ref, record) not in refs:
                raise self.taken(ref)
        await connection.execute(self._drop.text, *self._drop.args(records=sorted(refs)))
        await self.add(connection, given.items())

    def taken(self, ref: ExternalRef) -> ExternalIdTaken:
        """The refusal of an id that belongs to another record."""
        return ExternalIdTaken(system=ref.system, external_id=ref.external_id, what=self._what)


def _arrays(*texts: str, **others: type[Uuid[UUID]]) -> TableValuedAlias:
    columns = dict.fromkeys(texts, Text) | others
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in columns.items()]
    return func.unnest(*arrays).table_valued(*columns)
