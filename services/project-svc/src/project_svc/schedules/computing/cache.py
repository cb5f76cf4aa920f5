"""Schedules that were computed lately, by what they were made of."""

from collections import OrderedDict
from uuid import UUID


class Cache:
    """Documents by project and kind; those that were not asked for longest leave first.

    Each process has its own: a stamp says what a document was made of, so none is ever out of date.
    """

    def __init__(self, most_bytes: int) -> None:
        """All of them together take no more than so many bytes."""
        self._most = most_bytes
        self._size = 0
        self._known: OrderedDict[tuple[UUID, str], tuple[str, bytes]] = OrderedDict()

    def get(self, project_id: UUID, kind: str, stamp: str) -> bytes | None:
        """The document of this stamp, if it is here."""
        found = self._known.get((project_id, kind))
        if found is None or found[0] != stamp:
            return None
        self._known.move_to_end((project_id, kind))
        return found[1]

    def put(self, project_id: UUID, kind: str, stamp: str, body: bytes) -> None:
        """Keep a document in place of that of an older stamp."""
        self._drop((project_id, kind))
        self._known[(project_id, kind)] = stamp, body
        self._size += len(body)
        while self._size > self._most:
            self._drop(next(iter(self._known)))

    def _drop(self, key: tuple[UUID, str]) -> None:
        if key in self._known:
            self._size -= len(self._known.pop(key)[1])
