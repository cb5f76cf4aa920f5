"""Sessions that need not ask what the types of PostgreSQL itself are."""

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import asyncpg

_FIRST_OID_OF_A_DATABASE = 10_000
"""PostgreSQL gives those below by hand, and never to anything else (its documentation, "BKI: OID Assignment")."""

_known: dict[frozenset[int], Any] = {}
"""What was found out about such types, by those that were asked for together."""

_NOTHING_ASKED = SimpleNamespace(name="nothing")
"""Stands for the statement that asked: a named one, which took no place of the one that is being prepared."""


class TypesKnown(asyncpg.Connection):  # type: ignore[misc]
    """An asyncpg connection that knows of arrays what another one of this process has found out.

    asyncpg itself asks in each session anew, in three round trips and milliseconds of PostgreSQL's time, before the
    first statement with an array of numbers or ids.
    """

    __slots__ = ()

    async def _introspect_types(self, typeoids: Collection[int], timeout: float | None) -> Any:  # noqa: ASYNC109 - asyncpg calls it
        asked = frozenset(typeoids)
        if (known := _known.get(asked)) is not None:
            return known, _NOTHING_ASKED
        types, statement = await super()._introspect_types(typeoids, timeout)
        if all(one["oid"] < _FIRST_OID_OF_A_DATABASE for one in types):
            _known[asked] = types
        return types, statement
