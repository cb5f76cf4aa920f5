"""Looks up who may be the same, and remembers who is not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

from sqlalchemy import Table

from crm_platform.db import Connection
from crm_platform.db.arrays import names_literal, plain_literal
from crm_platform.sealing.record_keys import Entry as Filed

MOST_PER_KEY = 100
"""Records that are read under one key: a key that more share, such as a frequent name, tells next to nothing."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of those who share keys with somebody are compared with them.

    Attributes:
        most: Candidates at most, those first who share keys that few others share.
        rarity: What a candidate's keys have to say at least: the sum of one over the number of those who share a key.
            A tenth is one key of ten records, or two of twenty.
    """

    most: int = 50
    rarity: float = 0.0


THOROUGH = Reach()
"""For single questions, and whenever nobody counts the cost."""

SWIFT = Reach(most=8, rarity=0.1)
"""For files of a hundred thousand rows. Whoever shares nothing but what ten others share is passed over."""

_RARITY = 232_792_560
"""What a key says that one record has, in whole numbers: divided by how many share it, for up to 20 without a rest."""

# Whole numbers add up alike in any order, and at a fraction of the cost of numerics; who is too frequent goes first.
_LOOK_UP = """
SELECT asked, record_id FROM (
  SELECT asked, record_id, row_number() OVER (PARTITION BY asked ORDER BY rarity DESC, record_id) AS place
  FROM (
    SELECT asked, record_id, sum({rarity} / cardinality(ids)) AS rarity
    FROM unnest($1::text::int[], $2::text::text[], $3::text::uuid[]) AS wanted (asked, kind, key)
    CROSS JOIN LATERAL (SELECT array_agg(record_id) AS ids FROM ({under} LIMIT {most}) AS under) AS found
    CROSS JOIN LATERAL unnest(ids) AS record_id
    GROUP BY asked, record_id
  ) AS summed
  WHERE rarity >= $5::float * {rarity}
) AS ranked
WHERE place <= $4
ORDER BY asked, place
"""
_UNDER = "SELECT record_id FROM {table} WHERE kind = wanted.kind AND key = wanted.key"
_FIRST = f"{_UNDER} ORDER BY record_id"  # as the index has them
# What a trial has is filed there as it would be, in the place of what is in the table.
_UNDER_TRIED = """
SELECT record_id FROM {table} AS known WHERE kind = wanted.kind AND key = wanted.key AND NOT EXISTS (
  SELECT FROM trial_records AS tried WHERE tried.trial_id = $6 AND tried.record_id = known.record_id
)
UNION ALL SELECT record_id FROM trial_keys AS tried
WHERE tried.trial_id = $6 AND tried.kind = wanted.kind AND tried.key = wanted.key
"""
_FILE = """
INSERT INTO {table} (kind, key, record_id)
SELECT kind, key, record_id FROM unnest($1::text[], $2::uuid[], $3::uuid[]) AS filed (kind, key, record_id)
ON CONFLICT DO NOTHING
"""
# By records, as a row for each key costs more to read than to find.
_FILED: Final = """
SELECT record_id, array_agg(kind) AS kinds, array_agg(key) AS keys FROM {table}
WHERE record_id = ANY ($1::text::uuid[]) GROUP BY record_id
"""
_FULL: Final = """
SELECT kind, key FROM unnest($1::text::text[], $2::text::uuid[], $3::text::uuid[]) AS wanted (kind, key, id)
WHERE (SELECT count(*) FROM ({under} AND record_id < wanted.id LIMIT {most}) AS below) = {most}
"""
_NOTE: Final = "INSERT INTO not_duplicates (left_id, right_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_FORGET: Final = "DELETE FROM not_duplicates WHERE left_id = $1 AND right_id = $2"
_NOTED: Final = """
SELECT left_id, right_id FROM not_duplicates WHERE left_id = ANY ($1)
UNION SELECT left_id, right_id FROM not_duplicates WHERE right_id = ANY ($1)
"""

Two = tuple[UUID, UUID]
"""The ids of two records, the lower one first."""


class LookUp:
    """Finds the records that share keys, in a table of ``record_keys_table``."""

    def __init__(self, table: Table) -> None:
        self._text, self._tried = (
            _LOOK_UP.format(under=under.format(table=table.name), most=MOST_PER_KEY, rarity=_RARITY)
            for under in (_FIRST, _UNDER_TRIED)
        )
        self._file = _FILE.format(table=table.name)
        self._filed = _FILED.format(table=table.name)
        self._full = _FULL.format(under=_UNDER.format(table=table.name), most=MOST_PER_KEY)

    async def candidates(self, connection: Connection, wanted: Iterable[Filed]) -> list[UUID]:
        """The ids of the records under these keys; those come first who share keys that few others share."""
        (found,) = await self.candidates_of_each(connection, [list(wanted)])
        return found

    async def candidates_of_each(
        self,
        connection: Connection,
        wanted: Sequence[Collection[Filed]],
        reach: Reach = THOROUGH,
        trial_id: UUID | None = None,
    ) -> list[list[UUID]]:
        """Like :meth:`candidates` for many at once, in their order; in view of what a trial would have written."""
        listed = [(number, kind, key) for number, keys in enumerate(wanted) for kind, key in keys]
        found: list[list[UUID]] = [[] for _ in wanted]
        if listed:
            numbers, kinds, keys = zip(*listed, strict=True)
            arguments = (plain_literal(numbers), names_literal(kinds), plain_literal(keys), reach.most, reach.rarity)
            if trial_id is None:
                rows = await connection.fetch(self._text, *arguments)
            else:
                rows = await connection.fetch(self._tried, *arguments, trial_id)
            for number, record_id in rows:
                found[number].append(record_id)
        return found

    async def filed(self, connection: Connection, ids: Collection[UUID]) -> dict[Filed, UUID]:
        """The keys under which any of these records is filed, each with the lowest id of theirs."""
        rows = await connection.fetch(self._filed, plain_literal(ids)) if ids else ()
        lowest: dict[Filed, UUID] = {}
        for record_id, kinds, keys in sorted(map(tuple, rows), reverse=True):
            lowest.update(dict.fromkeys(zip(kinds, keys, strict=True), record_id))
        return lowest

    async def full(self, connection: Connection, filed: Mapping[Filed, UUID]) -> set[Filed]:
        """The keys under which as many are filed below an id as are read: nobody from that one on is found by them."""
        if not filed:
            return set()
        kinds, keys = zip(*filed, strict=True)
        arguments = names_literal(kinds), plain_literal(keys), plain_literal(filed.values())
        return {(kind, key) for kind, key in await connection.fetch(self._full, *arguments)}

    async def file(self, connection: Connection, filed: Sequence[tuple[str, UUID, UUID]]) -> None:
        """File records: kind, key and id, in order; what is filed already stays."""
        if filed:
            await connection.execute(self._file, *map(list, zip(*filed, strict=True)))


async def note_different(connection: Connection, ids: Iterable[UUID]) -> None:
    """Remember that no two of these records are the same."""
    await connection.executemany(_NOTE, pairs_of(ids))


async def forget_different(connection: Connection, ids: Iterable[UUID]) -> None:
    """Any two of these records may be the same after all."""
    await connection.executemany(_FORGET, pairs_of(ids))


async def noted_different(connection: Connection, ids: Collection[UUID]) -> set[Two]:
    """What is remembered of these records: who is different, each two once."""
    return {(row[0], row[1]) for row in await connection.fetch(_NOTED, list(ids))} if ids else set()


def pairs_of(ids: Iterable[UUID]) -> list[Two]:
    """Every two of ``ids``."""
    return list(combinations(sorted(set(ids)), 2))
