"""Locks of rows whose states were read without: ``find_many(..., lock=False)``.

Whoever looks at many records to change a few of them locks these alone. A lock writes the page that it is on, and keeps
others waiting.
"""

from collections.abc import Iterable
from typing import Any

from crm_platform.aggregate import AggregateState
from crm_platform.db import Connection
from crm_platform.errors import VersionMismatch
from crm_platform.store import Aggregate


async def lock_as_seen(connection: Connection, aggregate: Aggregate[Any], states: Iterable[AggregateState]) -> None:
    """Lock the rows of ``states`` until the end of the transaction.

    Raises:
        VersionMismatch: One of them has moved on since it was read, or is gone.
    """
    seen = {state.id: state.version for state in states}
    if not seen:
        return
    query = aggregate.lock_many
    now = {row["id"]: row["version"] for row in await connection.fetch(query.text, *query.args(ids=sorted(seen)))}
    for id, version in seen.items():
        if now.get(id) != version:
            raise VersionMismatch(current=now.get(id, "?"), sent=version)
