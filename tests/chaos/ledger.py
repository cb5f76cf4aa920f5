"""What the writer asked for and what it was told: the one side of the comparison."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID


class Outcome(StrEnum):
    """What the writer knows of a write."""

    INVOKED = "invoked"
    OK = "ok"
    """Acknowledged: it must be there, once."""
    FAILED = "failed"
    """Refused: nothing of it may be there."""
    UNKNOWN = "unknown"
    """No answer to any attempt: it may be there, but not twice."""


class Change(NamedTuple):
    """One new version of one record, as an answer names it."""

    aggregate_type: str
    aggregate_id: UUID
    version: int


@dataclass(slots=True)
class Write:
    """One write of the workload; its id is the correlation id of everything that comes of it."""

    id: UUID
    what: str
    events: int = 1
    """How many events the write makes by itself, if it takes effect."""
    outcome: Outcome = Outcome.INVOKED
    changes: tuple[Change, ...] = ()
    """What the answer said, for an acknowledged one."""
    status: int = 0
    code: str = ""
    """Of the last answer."""
    attempts: int = 0
    invoked_at: float = 0.0
    answered_at: float = 0.0


@dataclass
class Ledger:
    """All writes of a run, in the order in which they were invoked."""

    writes: list[Write] = field(default_factory=list)

    def __iter__(self) -> Iterator[Write]:
        return iter(self.writes)

    def with_outcome(self, *outcomes: Outcome) -> list[Write]:
        """The writes that ended so; one that was never answered counts as unknown."""
        asked = {Outcome.UNKNOWN, Outcome.INVOKED} if Outcome.UNKNOWN in outcomes else set()
        return [write for write in self.writes if write.outcome in {*outcomes, *asked}]

    def acknowledged_changes(self) -> int:
        """How many versions were acknowledged."""
        return sum(write.events for write in self.with_outcome(Outcome.OK))

    def save(self, path: Path) -> None:
        """One JSON line per write, for whoever looks into a failed run."""
        lines = (json.dumps(asdict(write), default=str) for write in self.writes)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def changes_of(aggregate_type: str, answers: Sequence[dict[str, object]]) -> tuple[Change, ...]:
    """What answers that carry `id` and `version` say was changed."""
    return tuple(Change(aggregate_type, UUID(str(one["id"])), int(str(one["version"]))) for one in answers)
