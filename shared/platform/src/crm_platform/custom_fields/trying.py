"""What a trial would have written, for the values that no two records share."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID


class Filed(NamedTuple):
    """A record, as a trial would leave it.

    Attributes:
        record_id: Of the record.
        keys: Under which it would stand.
        anew: Whether it would stand under no others any more, whatever tables say.
    """

    record_id: UUID
    keys: Collection[str]
    anew: bool = False


class Trial(Protocol):
    """Keeps what a trial would have written, as long as it goes on."""

    async def as_left(
        self, wanted: Collection[str], found: Mapping[str, Sequence[UUID]]
    ) -> Mapping[str, Sequence[UUID]]:
        """The records that would stand under keys, given those that do."""
        ...

    async def file(self, records: Sequence[Filed]) -> None:
        """Let records stand under keys."""
        ...
