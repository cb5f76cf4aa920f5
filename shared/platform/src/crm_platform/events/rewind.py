"""Where to read again from when a partition's log was cut off and refilled, as pure functions.

A record tells how often its log had been cut off when it was written (the epoch), and where, for the last few times.
A reader that knows a lower epoch has read records which may not be there any more, from the lowest of the offsets
on at which the log was cut since then. If it missed more truncations than the record tells of, it starts from the
beginning: reading too much is harmless, because events take effect once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crm_platform.events.wire import LogEpoch

UNKNOWN_EPOCH = 0
"""Epoch of a reader that has not read anything that counts epochs."""


class Stamped(Protocol):
    """What decides about reading again."""

    @property
    def offset(self) -> int:
        """Place in the log."""

    @property
    def epoch(self) -> LogEpoch | None:
        """Epoch of the log when the record was written; None if its sender does not count."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a reader is: the next offset, and the epoch for which that holds."""

    next_offset: int
    epoch: int
    last_event_id: UUID | None = None
    """The event directly before `next_offset`; None at the beginning and after a rewind."""


def rewind_target(known: int, log: LogEpoch | None, offset: int) -> int | None:
    """The offset to read again from after a record at `offset` was seen; None to go on."""
    if log is None or known == UNKNOWN_EPOCH or log.number <= known:
        return None
    missed = log.number - known
    target = min(log.truncations[:missed]) if missed <= len(log.truncations) else 0
    if target > offset:
        # A record before the cut that it tells of: the log was cut once more, further down, and nobody has said so.
        target = 0
    return target if target < offset else None


def raised(known: int, log: LogEpoch | None) -> int:
    """The epoch that a reader knows after a record."""
    return known if log is None else max(known, log.number)


def follow(reach: Reach, records: Sequence[Stamped]) -> tuple[int, int | None, int]:
    """How many of the next records of a partition to take, where to read again from if so, and the epoch after it."""
    epoch = reach.epoch
    for index, record in enumerate(records):
        target = rewind_target(epoch, record.epoch, record.offset)
        # The log had become shorter than where we were, and this record goes on with it in the same epoch: what was
        # lost had been sent but never recorded, so nobody knows where the log was cut.
        if 0 < record.offset < reach.next_offset and raised(epoch, record.epoch) == epoch:
            target = 0
        epoch = raised(epoch, record.epoch)
        if target is not None:
            return index, target, epoch
    return len(records), None, epoch


def resume_at(reach: Reach, *, beginning: int, end: int) -> tuple[int, bool]:
    """Where to start reading, and whether the first record read is only a look at what lies before.

    The look backwards finds out whether the log was cut off and has grown again while nobody read it, even when
    nothing new arrives. Past the end it looks at the last record there is.
    """
    upto = min(reach.next_offset, end)
    if upto > beginning:
        return upto - 1, True
    return max(upto, beginning), False


def look_back(
    reach: Reach, seen_offset: int, seen_id: UUID | None, log: LogEpoch | None, *, again: bool = False
) -> int | None:
    """What the look backwards means: the offset to read again from, or None to go on.

    `again` says that the log was found too short before, and that nothing came since.
    """
    # The record looked at counts as unread here: it may be the first of those that came after the cut.
    target = rewind_target(reach.epoch, log, seen_offset + 1)
    if target is not None:
        return target
    counted = log is not None and reach.epoch != UNKNOWN_EPOCH
    if seen_offset == reach.next_offset - 1:
        if reach.last_event_id is None:
            # Directly after a rewind; a record before the cut that it tells of gives a further cut away.
            return 0 if log is not None and seen_offset < log.truncations[0] else None
        # Another event where ours was, and no cut that explains it: nothing is known about this log.
        return None if seen_id == reach.last_event_id else 0
    # The log ends before we were. Where epochs are counted, the records to come will tell, if any come.
    return None if counted and not again else 0
