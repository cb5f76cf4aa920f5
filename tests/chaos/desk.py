"""Where the writer keeps the records that it can change further."""

import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

from tests.chaos.client import Answer, Client
from tests.chaos.ledger import Change, Outcome, Write, changes_of

SHELF_SIZE = 400
"""Records of each kind that are kept for further changes."""

Operation = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Entry:
    """A record as last answered; whoever changes it takes it off its shelf meanwhile."""

    kind: str
    plural: str
    id: UUID
    version: int
    state: str = ""
    parent: UUID | None = None

    @property
    def path(self) -> str:
        """Its address below `/api/v1`."""
        return f"{self.plural}/{self.id}"


class Shelf(deque[Entry]):
    """Records of one kind and state; the oldest are forgotten."""

    def __init__(self) -> None:
        super().__init__(maxlen=SHELF_SIZE)


@dataclass
class Desk:
    """What all operations share."""

    client: Client
    pick: random.Random
    numbers: int = 0
    customers: Shelf = field(default_factory=Shelf)
    buyers: set[UUID] = field(default_factory=set)
    """Customers with deals or tickets: they are not deleted."""

    def number(self) -> int:
        """A number that no record has yet."""
        self.numbers += 1
        return self.numbers

    def take(self, shelf: Shelf) -> Entry | None:
        """Any record of a shelf, for this operation alone."""
        if not shelf:
            return None
        shelf.rotate(self.pick.randrange(len(shelf)))
        return shelf.popleft()

    async def create(
        self,
        kind: str,
        plural: str,
        body: Mapping[str, Any],
        *,
        state: str,
        parent: UUID | None = None,
        query: str = "",
    ) -> Entry | None:
        """Make a record; None if that did not work out."""
        write, answer = await self.client.write(f"create {kind}", "POST", f"{plural}{query}", body)
        if not answer.ok:
            return None
        write.changes = changes_of(kind, [answer.body])
        return Entry(kind, plural, write.changes[0].aggregate_id, 1, state, parent)

    async def act(self, entry: Entry, action: str, body: Mapping[str, Any], *, events: int = 1) -> Answer:
        """Take a step of a record's life."""
        return await self._change(entry, f"{action} {entry.kind}", "POST", f"{entry.path}/{action}", body, events)

    async def rename(self, entry: Entry, name: str, query: str = "") -> Answer:
        """Change a field of a record."""
        return await self._change(entry, f"rename {entry.kind}", "PATCH", f"{entry.path}{query}", {"name": name}, 1)

    async def _change(
        self, entry: Entry, what: str, method: str, path: str, body: Mapping[str, Any], events: int
    ) -> Answer:
        write, answer = await self.client.write(what, method, path, body, version=entry.version, events=events)
        if answer.ok:
            write.changes = changes_of(entry.kind, [answer.body])
            entry.version = write.changes[0].version
        elif answer.status == HTTPStatus.PRECONDITION_FAILED:
            await self._look_again(entry, write, body)
        return answer

    async def _look_again(self, entry: Entry, write: Write, body: Mapping[str, Any]) -> None:
        """After a stale version: was it an attempt of ours that went through, or did another change the record?"""
        shown = await self.client.get(entry.path)
        if not shown.ok:
            return
        if write.outcome is Outcome.UNKNOWN and "name" in body and shown.body.get("name") == body["name"]:
            write.outcome = Outcome.OK
            write.changes = (Change(entry.kind, entry.id, entry.version + 1),)
        entry.version = int(shown.body["version"])
