"""Records that take the place of others, and references that follow them there and back.

Where one record is merged into another, every record that refers to the old one is re-pointed to its successor; when
the merge is undone, exactly those go back. Each service does so with its own records, in its own time, from events:

* *Any order.* What a merge moved is written down hop by hop. Where the successor has a successor itself, references go
  on to that one at once, as a hop of the later merge: so it does not matter in which order two merges arrive. Ids of
  merges are ordered by time, and a record is merged only while it is there: so along a chain they grow. Where one does
  not, an older merge was undone, and its own event is still to come.
* *Nothing slips through.* Whoever writes a reference asks for :meth:`Successors.current` first, which holds a shared
  lock on the id until the end of the transaction; whoever re-points holds it exclusively. A reference is either seen
  by those who re-point, or was mapped by who wrote it.
* *Once.* A hop that is on record is not done again; a record that has been given another reference since is left alone.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, Uuid, bindparam, select
from sqlalchemy.sql.expression import ColumnElement, any_

from crm_contracts.base import DomainEvent
from crm_platform.db import Connection, Query
from crm_platform.db.schema import tenant_table
from crm_platform.store import Aggregate
from crm_platform.uow import UnitOfWork

B = TypeVar("B", bound=BaseModel)

AT_ONCE: Final = 500
"""Records that are re-pointed by one statement."""

FIRST: Final = UUID(int=0)
"""Before all merges."""

_LOCK: Final = (
    "SELECT pg_advisory_xact_lock{how}(hashtextextended('{name}.' || current_setting('crm.tenant_id') || i, 0))"
)


def successors_table(name: str, metadata: MetaData) -> Table:
    """Which record took the place of which; the newest merge of a record counts."""
    return tenant_table(
        name,
        metadata,
        Column("old_id", Uuid, nullable=False),
        Column("new_id", Uuid, nullable=False),
        Column("merge_id", Uuid, nullable=False, comment="Ordered by time."),
        PrimaryKeyConstraint("tenant_id", "old_id", "merge_id"),
        Index(None, "tenant_id", "merge_id"),
        Index(None, "tenant_id", "new_id"),
    )


def moves_table(name: str, metadata: MetaData) -> Table:
    """Which references a merge has moved, and from where."""
    return tenant_table(
        name,
        metadata,
        Column("merge_id", Uuid, nullable=False),
        Column("kind", Text, nullable=False),
        Column("record_id", Uuid, nullable=False),
        Column("old_id", Uuid, nullable=False),
        Column("new_id", Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "merge_id", "kind", "record_id", "old_id"),
    )


class Successors:
    """Tells who took whose place; built once per service from a table of :func:`successors_table`."""

    def __init__(self, table: Table) -> None:
        name = self.name = table.name
        self._next = f"""
        SELECT new_id, merge_id FROM {name} WHERE old_id = $1 AND merge_id > $2 ORDER BY merge_id DESC LIMIT 1
        """
        self._shared = _LOCK.format(how="_shared", name=name) + " FROM unnest($1::uuid[]) AS i ORDER BY i"
        self._exclusive = _LOCK.format(how="", name=name) + " FROM unnest($1::uuid[]) AS i ORDER BY i"
        self._add = f"INSERT INTO {name} (old_id, new_id, merge_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        self._drop = f"DELETE FROM {name} WHERE merge_id = $1 RETURNING old_id"
        self._of_merge = f"SELECT old_id FROM {name} WHERE merge_id = $1"
        self._before = f"""
        WITH RECURSIVE before AS (
          SELECT $1::uuid AS id UNION SELECT {name}.old_id FROM {name} JOIN before ON {name}.new_id = before.id
        ) SELECT id FROM before WHERE id <> $1
        """

    async def current(self, connection: Connection, id: UUID) -> UUID:
        """Who stands for ``id`` now: itself, or the last of its successors; stays so until the transaction ends."""
        last = FIRST
        while True:
            await connection.execute(self._shared, [id])
            following = await self.following(connection, id, last)
            if following is None:
                return id
            id, last = following

    async def share(self, connection: Connection, id: UUID) -> None:
        """Let nobody take the place of ``id`` until the transaction ends."""
        await connection.execute(self._shared, [id])

    async def mapped(self, connection: Connection, body: B, member: str = "customer_id") -> B:
        """What a client sent, with who stands for the record that it names in the place of that one's id.

        Called before the row of any record is locked: whoever re-points takes the locks in that order.
        """
        (one,) = await self.mapped_all(connection, [body], member)
        return one

    async def mapped_all(self, connection: Connection, bodies: Sequence[B], member: str = "customer_id") -> list[B]:
        """Like :meth:`mapped`, for many."""
        named = {getattr(body, member) for body in bodies if member in body.model_fields_set} - {None}
        current = {id: await self.current(connection, id) for id in sorted(named)}
        return [
            body.model_copy(update={member: current[getattr(body, member)]})
            if current.get(getattr(body, member, None)) not in {None, getattr(body, member, None)}
            else body
            for body in bodies
        ]

    async def look_up(self, connection: Connection, id: UUID) -> UUID | None:
        """Like :meth:`current`, for who only wants to know: no lock, and None where ``id`` has no successor."""
        found, last = id, FIRST
        while (following := await self.following(connection, found, last)) is not None:
            found, last = following
        return None if found == id else found

    async def predecessors(self, connection: Connection, id: UUID) -> set[UUID]:
        """Everybody for whom ``id`` stands, near and far."""
        return {row[0] for row in await connection.fetch(self._before, id)}

    async def following(self, connection: Connection, id: UUID, after: UUID) -> tuple[UUID, UUID] | None:
        """The next successor of ``id``, and the merge by which it became that; by none before ``after``."""
        row = await connection.fetchrow(self._next, id, after)
        return None if row is None else (row[0], row[1])

    async def lock(self, connection: Connection, ids: Iterable[UUID]) -> None:
        """Let nobody write a reference to ``ids`` until the end of the transaction."""
        await connection.execute(self._exclusive, sorted(ids))

    async def add(self, connection: Connection, merge_id: UUID, new_id: UUID, old_ids: Iterable[UUID]) -> None:
        """Put on record that ``new_id`` took the place of others."""
        await connection.executemany(self._add, [(old_id, new_id, merge_id) for old_id in sorted(old_ids)])

    async def of_merge(self, connection: Connection, merge_id: UUID) -> list[UUID]:
        """Who was merged by ``merge_id``."""
        return [row[0] for row in await connection.fetch(self._of_merge, merge_id)]

    async def drop(self, connection: Connection, merge_id: UUID) -> list[UUID]:
        """Forget a merge; returns who was merged by it."""
        return [row[0] for row in await connection.fetch(self._drop, merge_id)]


@dataclass(frozen=True, slots=True)
class Reference:
    """A member of an aggregate that refers to the records that are merged.

    Attributes:
        aggregate: Whose.
        event: What is published when it is re-pointed.
        member: Its name, which is also its column's.
        only: Which of the records are looked for; None for all.
    """

    aggregate: Aggregate[Any]
    event: type[DomainEvent[Any]]
    member: str = "customer_id"
    only: ColumnElement[bool] | None = None
    _find: Query = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = self.aggregate.table
        wanted = table.c[self.member] == bindparam("old", type_=Uuid)
        left = table.c.id == any_(bindparam("leave"))
        found = select(table.c.id).where(wanted, ~left).order_by(table.c.id)
        found = found if self.only is None else found.where(self.only)
        object.__setattr__(self, "_find", Query(found.limit(bindparam("most", type_=Integer))))

    async def find(
        self, connection: Connection, id: UUID, most: int | None = None, leave: Collection[UUID] = ()
    ) -> list[UUID]:
        """The records that refer to ``id``, but for those to ``leave``; the first ones, where ``most`` is given."""
        arguments = self._find.args(old=id, most=most, leave=list(leave))
        return [row[0] for row in await connection.fetch(self._find.text, *arguments)]

    async def move(self, unit: UnitOfWork, ids: Sequence[UUID], old: UUID, new: UUID, *, reason: str) -> list[UUID]:
        """Re-point those of ``ids`` that still refer to ``old``; returns which."""
        moved: list[UUID] = []
        for start in range(0, len(ids), AT_ONCE):
            found = await unit.find_many(self.aggregate, ids[start : start + AT_ONCE])
            changes = [
                (state, state.with_(**{self.member: new}))
                for state in found.values()
                if getattr(state, self.member) == old
            ]
            await unit.update_many(self.aggregate, changes, self.event, reason=reason)
            moved += [state.id for state, _ in changes]
        return moved


@dataclass(frozen=True, slots=True)
class Stayed:
    """A reference that an undone merge had moved, and that did not go back: it has changed since, or is gone."""

    kind: str
    record_id: UUID


class Following:
    """Lets the references of one service follow merges; built once, where its slices are put together.

    Args:
        successors: Who took whose place.
        moves: A table of :func:`moves_table`.
        references: What refers to the records that are merged.
    """

    def __init__(self, successors: Successors, moves: Table, references: Sequence[Reference]) -> None:
        self.successors = successors
        self._references = {f"{one.aggregate.name}.{one.member}": one for one in references}
        name = moves.name
        self._note = f"""
        INSERT INTO {name} (merge_id, kind, record_id, old_id, new_id)
        SELECT $1, $2, id, $4, $5 FROM unnest($3::uuid[]) AS id ON CONFLICT DO NOTHING
        """
        self._came_later = f"SELECT record_id FROM {name} WHERE kind = $1 AND new_id = $2 AND merge_id > $3"
        self._counted = f"SELECT kind, count(DISTINCT record_id) FROM {name} WHERE merge_id = $1 GROUP BY kind"
        self._rename = f"UPDATE {name} SET merge_id = $2 WHERE merge_id = $1"
        self._forget = f"""
        WITH hops AS (
          SELECT kind, record_id, old_id FROM {name} WHERE merge_id = $1 ORDER BY kind, record_id, old_id LIMIT $2
        ), undone AS (
          DELETE FROM {name} AS later USING hops
          WHERE later.kind = hops.kind AND later.record_id = hops.record_id AND later.merge_id >= $1
          RETURNING later.kind, later.record_id, hops.old_id, later.new_id, later.merge_id
        )
        SELECT DISTINCT ON (kind, record_id) kind, record_id, old_id, new_id FROM undone
        ORDER BY kind, record_id, merge_id DESC
        """

    async def count(self, connection: Connection, ids: Iterable[UUID]) -> dict[str, int]:
        """How many records of each aggregate refer to ``ids``."""
        counts: dict[str, int] = {}
        for id in sorted(ids):
            for one in self._references.values():
                name = one.aggregate.name
                counts[name] = counts.get(name, 0) + len(await one.find(connection, id))
        return counts

    async def merged(
        self, unit: UnitOfWork, merge_id: UUID, new_id: UUID, old_ids: Sequence[UUID], *, reason: str
    ) -> None:
        """Let ``new_id`` take the place of ``old_ids``, and all references follow."""
        unit = everywhere(unit)
        await self.successors.lock(unit.connection, old_ids)
        await self.successors.add(unit.connection, merge_id, new_id, old_ids)
        for old_id in sorted(old_ids):
            await self._settle(unit, old_id, reason)

    async def unmerged(self, unit: UnitOfWork, merge_id: UUID, *, reason: str) -> list[Stayed]:
        """Undo what :meth:`merged` did; returns which references did not go back."""
        unit = everywhere(unit)
        await self.successors.lock(unit.connection, await self.successors.of_merge(unit.connection, merge_id))
        old_ids = await self.successors.drop(unit.connection, merge_id)
        _, stayed = await self._back(unit, merge_id, reason)
        for old_id in sorted(old_ids):  # who was merged again since, by a merge that arrived first
            await self._settle(unit, old_id, reason)
        return stayed

    async def ahead(
        self,
        unit: UnitOfWork,
        move_id: UUID,
        new_id: UUID,
        old_ids: Sequence[UUID],
        *,
        most: int,
        leave: Collection[UUID] = (),
        reason: str,
    ) -> int:
        """Move the next references of a merge that is to come, so that it has less to do; returns how many.

        They are hops of ``move_id`` until :meth:`adopt` makes them those of the merge, or :meth:`back` undoes them.
        References of the records to ``leave`` wait for the merge itself.
        """
        unit, left = everywhere(unit), most
        for old_id in sorted(old_ids):
            for kind, one in self._references.items():
                ids = await one.find(unit.connection, old_id, left, leave)
                moved = await one.move(unit, ids, old_id, new_id, reason=reason)
                await unit.connection.execute(self._note, move_id, kind, moved, old_id, new_id)
                left -= len(ids)
                if left == 0:
                    return most
        return most - left

    async def moved(self, connection: Connection, move_id: UUID) -> dict[str, int]:
        """How many records of each aggregate were moved by a merge, or ahead of it."""
        counts: dict[str, int] = {}
        for kind, number in await connection.fetch(self._counted, move_id):
            name = kind.partition(".")[0]
            counts[name] = counts.get(name, 0) + number
        return counts

    async def adopt(self, unit: UnitOfWork, move_id: UUID, merge_id: UUID) -> None:
        """Make what was moved ahead part of a merge."""
        await unit.connection.execute(self._rename, move_id, merge_id)

    async def release(self, unit: UnitOfWork, merge_id: UUID) -> None:
        """Let records stand for themselves again that were merged; :meth:`back` brings what refers to them."""
        await self.successors.lock(unit.connection, await self.successors.of_merge(unit.connection, merge_id))
        await self.successors.drop(unit.connection, merge_id)

    async def back(
        self, unit: UnitOfWork, merge_id: UUID, gone: Collection[UUID], *, most: int, reason: str
    ) -> tuple[int, list[Stayed]]:
        """Undo the next hops of a merge that was released, or that never came.

        Whoever was merged again since passes them on to whom that one was merged into.

        Args:
            unit: The transaction.
            merge_id: Whose hops.
            gone: Records that are not there any more; what referred to them stays.
            most: How many at most.
            reason: For the trail of the records.

        Returns:
            How many were undone, and which references did not go back.
        """
        unit = everywhere(unit)
        return await self._back(unit, merge_id, reason, gone=gone, most=most)

    async def _settle(self, unit: UnitOfWork, id: UUID, reason: str) -> None:
        """Move what refers to ``id`` on to its successor, and from there to that one's, to the last."""
        last = FIRST
        while (following := await self.successors.following(unit.connection, id, last)) is not None:
            new_id, last = following
            for kind, one in self._references.items():
                came_later = {row[0] for row in await unit.connection.fetch(self._came_later, kind, id, last)}
                ids = [found for found in await one.find(unit.connection, id) if found not in came_later]
                moved = await one.move(unit, ids, id, new_id, reason=reason)
                if moved:
                    await unit.connection.execute(self._note, last, kind, moved, id, new_id)
            id = new_id

    async def _back(
        self,
        unit: UnitOfWork,
        merge_id: UUID,
        reason: str,
        *,
        gone: Collection[UUID] | None = None,
        most: int | None = None,
    ) -> tuple[int, list[Stayed]]:
        hops: dict[tuple[str, UUID, UUID], list[UUID]] = {}
        rows = await unit.connection.fetch(self._forget, merge_id, most)
        for kind, record_id, old_id, new_id in rows:
            hops.setdefault((kind, old_id, new_id), []).append(record_id)
        stayed: list[Stayed] = []
        order = list(self._references)
        for (kind, old_id, new_id), ids in sorted(hops.items(), key=lambda hop: (order.index(hop[0][0]), hop[0])):
            moved: list[UUID] = []
            if gone is None:
                moved = await self._references[kind].move(unit, sorted(ids), new_id, old_id, reason=reason)
            elif old_id not in gone:
                moved = await self._move_back(unit, kind, sorted(ids), (new_id, old_id), reason)
            stayed += [Stayed(kind.partition(".")[0], id) for id in sorted(set(ids) - set(moved))]
        return len(rows), stayed

    async def _move_back(
        self, unit: UnitOfWork, kind: str, ids: Sequence[UUID], way: tuple[UUID, UUID], reason: str
    ) -> list[UUID]:
        """Move references to the record from which a merge has taken them, or on to who stands for it by now."""
        new_id, old_id = way
        last_id, last = old_id, FIRST
        later: list[tuple[UUID, UUID, UUID]] = []
        await self.successors.share(unit.connection, old_id)
        while (following := await self.successors.following(unit.connection, last_id, last)) is not None:
            later.append((following[1], last_id, following[0]))
            last_id, last = following
        moved = await self._references[kind].move(unit, ids, new_id, last_id, reason=reason)
        for later_id, from_id, to_id in later:
            await unit.connection.execute(self._note, later_id, kind, moved, from_id, to_id)
        return moved


def everywhere(unit: UnitOfWork) -> UnitOfWork:
    """The same transaction and cause, with sight of all records: what follows a merge does not ask who owns it."""
    if unit.caller.visibility == "all":
        return unit
    return UnitOfWork(unit.connection, replace(unit.caller, visibility="all"), unit.cause, clock=lambda: unit.now)


__all__ = ["Following", "Reference", "Stayed", "Successors", "everywhere", "moves_table", "successors_table"]
