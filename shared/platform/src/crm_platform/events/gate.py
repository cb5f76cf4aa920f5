"""The version gate: which events of an aggregate may take effect, as pure functions.

Every event carries the version that its aggregate has after it. A consumer keeps the last version that took
effect, and lets only the next one through. So a copy has no effect however late it comes, order is enforced rather
than hoped for, and a missing event shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from crm_platform.events.wire import GateKey, Record


class Verdict(Enum):
    """What becomes of an event."""

    APPLY = "apply"
    DUPLICATE = "duplicate"
    """It took effect before."""
    GAP = "gap"
    """One before it is missing; it is not taken now, a rewind or a replay brings it again."""
    AGAIN = "again"
    """The state that took effect, sent on request, for whoever keeps copies of states and may be younger than it."""
    PARKED = "parked"
    """Its aggregate waits for a person to settle an event that failed; it is kept behind that one."""


@dataclass(slots=True)
class Gate:
    """How far one aggregate is."""

    version: int = 0
    parked: bool = False


def judge(gate: Gate, version: int, *, snapshot: bool) -> Verdict:
    """What becomes of the event that takes its aggregate to `version`."""
    if version <= gate.version:
        return Verdict.DUPLICATE
    if gate.parked:
        return Verdict.PARKED
    # A snapshot is the whole state: whatever lies between need not be known.
    if snapshot or version == gate.version + 1:
        return Verdict.APPLY
    return Verdict.GAP


def judge_all(
    gates: dict[GateKey, Gate], records: Iterable[Record], *, again: Callable[[Record], bool] = lambda _: False
) -> list[tuple[Record, Verdict]]:
    """Judge events in order; the gates move along with those that are let through.

    ``again`` tells of which records the state that took effect may come again.
    """
    verdicts = []
    for record in records:
        if record.gate_key is None:
            message = f"event {record.event_id} has no version to judge by"
            raise ValueError(message)
        gate = gates.setdefault(record.gate_key, Gate())
        verdict = judge(gate, record.version, snapshot=record.snapshot)
        if verdict is Verdict.APPLY:
            gate.version = record.version
        elif record.version == gate.version and not gate.parked and again(record):
            verdict = Verdict.AGAIN
        verdicts.append((record, verdict))
    return verdicts
