"""Looks up who may be the same."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Table

from crm_platform.db import Connection
from crm_platform.sealing.record_keys import Entry as Filed

MOST_PER_KEY = 100
"""Records that are read under one key: a key that more share, such as a frequent name, tells next to nothing."""
MOST_CANDIDATES = 50

_LOOK_UP = """
SELECT record_id
FROM unnest($1::text[], $2::uuid[]) AS wanted (kind, key)
CROSS JOIN LATERAL (
  SELECT record_id, count(*) OVER () AS size
  FROM (SELECT record_id FROM {table} WHERE kind = wanted.kind AND key = wanted.key LIMIT {most}) AS under
) AS found
GROUP BY record_id
ORDER BY sum(1.0 / size) DESC, record_id
LIMIT $3
"""


class LookUp:
    """Finds the records that share keys, in a table of ``record_keys_table``."""

    def __init__(self, table: Table) -> None:
        self._text = _LOOK_UP.format(table=table.name, most=MOST_PER_KEY)

    async def candidates(self, connection: Connection, wanted: Iterable[Filed]) -> list[UUID]:
        """The ids of the records under these keys; those come first who share keys that few others share."""
        listed = sorted(wanted)
        kinds, keys = [kind for kind, _ in listed], [key for _, key in listed]
        return [row[0] for row in await connection.fetch(self._text, kinds, keys, MOST_CANDIDATES)]
