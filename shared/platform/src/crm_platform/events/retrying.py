"""Getting an intake through: again when the reason passes, one by one when an event is to blame, aside if need be."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from crm_platform.events.apply import Applier
from crm_platform.events.failures import FencedError, passes, reason_of
from crm_platform.events.intake import Intake
from crm_platform.events.kafka import Slot, bounded
from crm_platform.events.letters import Letter
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.positions import note_attempt
from crm_platform.events.rewind import Reach
from crm_platform.events.settings import ConsumerSettings
from crm_platform.events.supervise import Backoff, wait_any
from crm_platform.events.wire import Record

_log = structlog.get_logger(__name__)

LOST_SESSIONS: Final = 4
"""How often an event, handled alone, may take the database session down with it before it counts as failed."""

PROCESSES_ENDED: Final = 3
"""How many processes may end while they handle one event alone, before it counts as failed."""


class ProcessEndedError(Exception):
    """The process that handled an event ended before it could say why."""


@dataclass
class Attempts:
    """What is remembered about failures, across the rebuilding of sessions."""

    at_event: Counter[tuple[Slot, int]] = field(default_factory=Counter)
    lost_at: dict[tuple[Slot, int], Exception] = field(default_factory=dict)
    """Events that took their session down, with what was seen of it."""
    lost_sessions: int = 0
    """Sessions lost in a row while handling; from the third on, events are handled one by one."""


class StoppedError(Exception):
    """The consumer was asked to stop while it waited to try again."""


class Handling:
    """Applies intakes with retries, on one connection."""

    def __init__(
        self,
        *,
        connection: Any,
        applier: Applier,
        settings: ConsumerSettings,
        attempts: Attempts,
        metrics: EventMetrics,
        stop: asyncio.Event,
        suspects: Collection[Slot] = (),
    ) -> None:
        """`attempts` outlives this object, which lasts as long as its connection.

        The next event of a partition in `suspects` may have ended processes: attempts at it are put down in the
        database first, since nothing else outlives a process.
        """
        self.connection = connection
        self._applier = applier
        self._settings = settings
        self._attempts = attempts
        self._metrics = metrics
        self._stop = stop
        self._suspects = suspects

    async def take(self, intake: Intake) -> None:
        """Let the intake take effect, whatever that takes.

        Raises:
            FencedError: Somebody else has these partitions now.
            StoppedError: The consumer is to stop.
            Exception: The database session is lost.
        """
        backoff = Backoff(first=self._settings.retry_delay)
        lost = self._attempts.lost_sessions > 2  # noqa: PLR2004  the third time is no accident
        suspects = intake.moves.keys() & set(self._suspects)
        single = lost or bool(suspects)
        for _ in range(0 if single else self._settings.batch_retries):
            try:
                await self._apply(intake)
            except FencedError:
                raise
            except Exception as error:  # noqa: BLE001  handlers raise what they like
                self._raise_if_lost(error)
                _log.warning("batch_failed", error=f"{type(error).__name__}: {error}"[:300])
                if not passes(error):
                    break
                await self._pause(backoff)
            else:
                return
        for piece in intake.one_by_one():
            slot, move = next(iter(piece.moves.items()))
            if slot in suspects and piece.records():
                suspects.discard(slot)
                if await self._ended_processes(piece, slot, move.old):
                    continue
            await self._take_piece(piece)

    async def _apply(self, intake: Intake) -> None:
        await bounded(self._applier.apply(self.connection, intake), self._settings.batch_timeout)
        self._attempts.lost_sessions = 0
        if self._attempts.at_event:
            for slot, entries in intake.entries.items():
                for entry in entries:
                    self._attempts.at_event.pop((slot, entry.offset), None)

    async def _take_piece(self, piece: Intake) -> None:
        records = piece.records()
        if not records:
            await self._apply(piece)
            return
        place = (Slot(records[0].topic, records[0].partition), records[0].offset)
        backoff = Backoff(first=self._settings.retry_delay)
        while True:
            tried = self._attempts.at_event[place]
            lost = self._attempts.lost_at.get(place)
            if lost is not None and tried >= LOST_SESSIONS:
                await self._bury(piece, records[0], lost, tried)
                return
            try:
                await self._apply(piece)
            except FencedError:
                raise
            except Exception as error:
                self._attempts.at_event[place] += 1
                if self.connection.is_closed():
                    self._attempts.lost_at[place] = _first(error)
                    raise
                if tried + 1 >= self._settings.tries:
                    await self._bury(piece, records[0], error, tried + 1)
                    return
                await self._pause(backoff)
            else:
                return

    async def _ended_processes(self, piece: Intake, slot: Slot, reach: Reach) -> bool:
        """Whether too many processes have ended over this event; it is put aside then."""
        tried = await bounded(note_attempt(self.connection, slot, reach), self._settings.batch_timeout) - 1
        if tried < PROCESSES_ENDED:
            return False
        error = ProcessEndedError(f"{tried} processes ended while they handled this event")
        await self._bury(piece, piece.records()[0], error, tried)
        return True

    async def _bury(self, piece: Intake, record: Record, error: Exception, tried: int) -> None:
        _log.error(
            "event_put_aside",
            type=record.type,
            event_id=str(record.event_id),
            topic=record.topic,
            offset=record.offset,
            attempts=tried,
            error=f"{type(error).__name__}: {error}"[:300],
        )
        await bounded(
            self._applier.bury(self.connection, piece, Letter("failed", record, reason_of(error), tried)),
            self._settings.batch_timeout,
        )
        place = (Slot(record.topic, record.partition), record.offset)
        self._attempts.at_event.pop(place, None)
        self._attempts.lost_at.pop(place, None)

    def _raise_if_lost(self, error: Exception) -> None:
        if self.connection.is_closed():
            self._attempts.lost_sessions += 1
            raise error

    async def _pause(self, backoff: Backoff) -> None:
        self._metrics.retries.inc()
        if await wait_any(backoff.next(), self._stop):
            message = "stopping"
            raise StoppedError(message)


def _first(error: Exception) -> Exception:
    """What went wrong first: with its session gone, a transaction complains about its own end instead."""
    first = error.__context__
    return first if isinstance(first, Exception) else error
