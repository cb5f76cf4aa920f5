"""One transaction of a consumer: positions, gates, effects, own outbox rows and dead letters, all together or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from crm_platform.events import positions
from crm_platform.events.crashpoints import crashpoint
from crm_platform.events.gate import Gate, Verdict, judge_all
from crm_platform.events.gate_store import advance_gates, lock_gates, note_gaps, set_parked, take_new
from crm_platform.events.intake import Intake, Rejected
from crm_platform.events.letters import Letter, store
from crm_platform.events.metrics import EventMetrics
from crm_platform.events.subscriptions import Registry
from crm_platform.events.wire import GateKey, Record


@dataclass
class Result:
    """What came of an intake, for the metrics."""

    applied: list[Record] = field(default_factory=list)
    unknown: list[Record] = field(default_factory=list)
    skipped: Counter[Verdict] = field(default_factory=Counter)
    letters: list[Letter] = field(default_factory=list)


@dataclass
class _Judged:
    """Events sorted by what becomes of them."""

    apply: list[Record] = field(default_factory=list)
    behind: list[Record] = field(default_factory=list)
    gaps: list[tuple[Record, int]] = field(default_factory=list)
    """With the version that took effect last."""
    duplicates: int = 0
    moved: dict[GateKey, Gate] = field(default_factory=dict)


class Applier:
    """Applies intakes on the consumer's connection."""

    def __init__(self, registry: Registry, metrics: EventMetrics, *, fence: bool = True) -> None:
        """Without `fence`, positions and versions are not compared: for tests that show what happens then."""
        self._registry = registry
        self._metrics = metrics
        self._fence = fence

    async def apply(self, connection: asyncpg.Connection, intake: Intake) -> None:
        """Let an intake take effect.

        Raises:
            HandlerError: A handler failed; nothing was committed.
            FencedError: Somebody else has this partition or aggregate; nothing was committed.
        """
        result = Result()
        async with connection.transaction():
            await positions.move(connection, intake.moves, fence=self._fence)
            judged = await self._judge(connection, intake.records())
            result.unknown = [record for record in judged.apply if not self._registry.knows(record)]
            result.applied = judged.apply
            await self._registry.run(connection, judged.apply)
            await advance_gates(connection, judged.moved, fence=self._fence)
            await note_gaps(connection, [(record, last) for record, last in judged.gaps if record.version > last])
            result.letters = [*_malformed(intake.rejected()), *_parked(judged.behind)]
            await store(connection, result.letters)
            crashpoint("consumer.before_rewind_commit" if intake.rewinds else "consumer.after_effects_before_commit")
        crashpoint("consumer.after_commit")
        result.skipped.update({Verdict.DUPLICATE: judged.duplicates, Verdict.GAP: len(judged.gaps)})
        result.skipped[Verdict.PARKED] = len(judged.behind)
        self._count(result, intake)

    async def bury(self, connection: asyncpg.Connection, intake: Intake, letter: Letter) -> None:
        """Put the one event of `intake` aside and move past it; its aggregate waits for a person."""
        async with connection.transaction():
            await positions.move(connection, intake.moves, fence=self._fence)
            record = letter.entry
            if isinstance(record, Record) and record.gate_key is not None:
                await lock_gates(connection, [record.gate_key])
                await set_parked(connection, record.gate_key, parked=True)
            elif isinstance(record, Record):
                await take_new(connection, [record.event_id])
            await store(connection, [letter])
        self._count(Result(letters=[letter]), intake)

    async def _judge(self, connection: asyncpg.Connection, records: Sequence[Record]) -> _Judged:
        counted = [record for record in records if record.gate_key is not None]
        judged = _Judged()
        if not self._fence:
            judged.apply = list(records)
            return judged
        if len(counted) != len(records):
            ids = dict.fromkeys(record.event_id for record in records if record.gate_key is None)
            fresh = await take_new(connection, ids)
        else:
            fresh = set()
        gates = await lock_gates(connection, {record.gate_key for record in counted if record.gate_key})
        verdicts = {id(record): verdict for record, verdict in judge_all(gates, counted, again=self._registry.repeats)}
        for record in records:
            _sort(judged, record, verdicts.get(id(record)), fresh, gates)
        return judged

    def _count(self, result: Result, intake: Intake) -> None:
        handled = Counter(record.topic for record in result.applied)
        for topic, count in handled.items():
            self._metrics.handled.labels(topic).inc(count)
        for topic, count in Counter(record.topic for record in result.unknown).items():
            self._metrics.unknown_types.labels(topic).inc(count)
        for verdict, count in result.skipped.items():
            if count:
                self._metrics.skipped.labels(verdict.value).inc(count)
        for kind, count in Counter(letter.kind for letter in result.letters).items():
            self._metrics.dead_letters.labels(kind).inc(count)
        for slot in intake.rewinds:
            self._metrics.rewinds.labels(slot.topic).inc()


def _sort(
    judged: _Judged, record: Record, verdict: Verdict | None, fresh: set[UUID], gates: dict[GateKey, Gate]
) -> None:
    if record.gate_key is None:
        verdict = Verdict.APPLY if record.event_id in fresh else Verdict.DUPLICATE
        # A second copy in the same batch is a duplicate too.
        fresh.discard(record.event_id)
    if verdict in {Verdict.APPLY, Verdict.AGAIN}:
        judged.apply.append(record)
        if verdict is Verdict.APPLY and record.gate_key is not None:
            judged.moved[record.gate_key] = gates[record.gate_key]
    elif verdict is Verdict.PARKED:
        judged.behind.append(record)
    elif verdict is Verdict.GAP and record.gate_key is not None:
        judged.gaps.append((record, gates[record.gate_key].version))
    else:
        judged.duplicates += 1


def _malformed(rejected: Sequence[Rejected]) -> list[Letter]:
    return [Letter("malformed", entry, entry.reason) for entry in rejected]


def _parked(records: Sequence[Record]) -> list[Letter]:
    return [Letter("parked", record, "an earlier event of this aggregate waits to be settled") for record in records]
