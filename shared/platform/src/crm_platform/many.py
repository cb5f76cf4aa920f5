"""Writing many changes of one aggregate: in few statements, each of which is made while the one before is written."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from crm_platform.aggregate import AggregateState
from crm_platform.bulk import BulkStatement, portions
from crm_platform.context import Caller, Cause
from crm_platform.custom_fields.fieldset import FieldSet
from crm_platform.custom_fields.writing import as_defined, complete, index
from crm_platform.db import Connection
from crm_platform.db.in_turn import Statement, in_turn
from crm_platform.errors import VersionMismatch
from crm_platform.sealing.changes import UnitKeys
from crm_platform.store import Aggregate

S = TypeVar("S", bound=AggregateState)

ManyChange = tuple[S | None, S, Cause]
"""A state before, None for a new record, the one after, and where the change comes from."""

Arguments = Callable[[S | None, S, Cause, FieldSet | None], dict[str, Any]]
"""Makes the parameters of the statement of a single change."""

_FIRST: Final = 25
"""Changes of the first statement, for which PostgreSQL waits; each further one has twice as many, up to"""
_PART: Final = 100
"""Changes of one statement. Less costs more statements, and more hides less of the making of the next one."""


class ManyChanges(Generic[S]):
    """Writes many changes of one aggregate inside the transaction of ``connection``.

    Args:
        connection: With the open transaction.
        caller: On whose behalf.
        keys: Has the keys of all that are written.
        aggregate: What is changed.
        statement: Writes them.
        arguments: What the statement is told about each.
        all_count: Also those without a difference.
    """

    def __init__(
        self,
        connection: Connection,
        caller: Caller,
        keys: UnitKeys,
        aggregate: Aggregate[S],
        *,
        statement: BulkStatement,
        arguments: Arguments[S],
        all_count: bool = False,
    ) -> None:
        self._connection, self._caller, self._keys = connection, caller, keys
        self._aggregate, self._statement, self._arguments = aggregate, statement, arguments
        self._all_count = all_count
        self._left: dict[UUID, ManyChange[S]] = {}
        self._written: list[S] = []

    async def write(self, changes: Iterable[ManyChange[S]]) -> list[S]:
        """Write the changes; returns what is there now, in their order.

        Raises:
            VersionMismatch: One of them is not there in the state before.
        """
        for portion in portions(changes, lambda change: change[1].id):
            self._left = {change[1].id: change for change in portion}
            await as_defined(self._connection, self._caller.tenant_id, self._aggregate.custom, self._write_left)
        return self._written

    async def _write_left(self, fields: FieldSet | None) -> None:
        """Write what is left of a portion; newer definitions of custom fields are for what older ones did not write."""
        left = list(self._left.values())
        pairs = [(before, after) for before, after, _ in left]
        states = await complete(self._connection, self._caller, self._aggregate.custom, fields, pairs)
        whole = [
            (before, state, cause)
            for (before, _, cause), state in zip(left, states, strict=True)
            if before is None or self._all_count or self._aggregate.spec.difference(before, state)
        ]
        await in_turn(self._statements(whole, fields))

    def _statements(self, whole: Sequence[ManyChange[S]], fields: FieldSet | None) -> Iterator[Statement]:
        for part in self._parts(whole):
            rows = [self._arguments(*change, fields) for change in part]
            states = [state for _, state, _ in part]
            yield partial(self._write_part, states, self._statement.bind(rows), fields)

    def _parts(self, whole: Sequence[ManyChange[S]]) -> Iterator[list[ManyChange[S]]]:
        """One, where a record refers to another of them: references are checked at the end of each statement."""
        ids = {state.id for _, state, _ in whole}
        alone = all(ids.isdisjoint(self._aggregate.referred_by(state)) for _, state, _ in whole)
        rest, size = iter(whole), _FIRST if alone else len(whole)
        while part := list(islice(rest, size)):
            yield part
            size = min(2 * size, max(_PART, size))

    async def _write_part(self, states: Sequence[S], arguments: Sequence[Any], fields: FieldSet | None) -> None:
        written = await self._connection.fetchval(self._statement.text, *arguments)
        if written != len(states):
            raise VersionMismatch(current="?", sent=states[0].version - 1)
        self._keys.stored(state.id for state in states)
        if fields is not None:
            await index(self._connection, self._caller, self._aggregate, fields, states)
        for state in states:
            del self._left[state.id]
        self._written += states
