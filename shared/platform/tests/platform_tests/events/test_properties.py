"""The pure logic of gate and rewind against a broker that forgets, relays that die, and consumers that come and go."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crm_platform.events.gate import Gate, Verdict, judge, judge_all
from crm_platform.events.intake import plan
from crm_platform.events.kafka import Slot
from crm_platform.events.leases import share
from crm_platform.events.rewind import Reach, follow, look_back, raised, resume_at, rewind_target
from crm_platform.events.wire import EPOCH_HISTORY, FIRST_EPOCH, GateKey, LogEpoch, RawRecord, Record

SLOT = Slot("t", 0)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def record(offset: int, aggregate: int, version: int, epoch: LogEpoch | None, *, number: int = 0) -> Record:
    key = GateKey("thing", UUID(int=aggregate))
    return Record(
        topic="t",
        partition=0,
        offset=offset,
        event_id=UUID(int=number or aggregate * 1000 + version),
        type="thing.changed",
        source="/crm/x",
        time=MOMENT,
        tenant_id=UUID(int=1),
        subject=str(key.aggregate_id),
        gate_key=key,
        version=version,
        snapshot=False,
        correlation_id=None,
        causation_id=None,
        actor="",
        origin="",
        traceparent=None,
        epoch=epoch,
        data={},
        raw=RawRecord("t", 0, offset, None, (), None),
    )


@dataclass
class Row:
    """An outbox row."""

    aggregate: int
    version: int
    offset: int | None = None


class Machine(RuleBasedStateMachine):
    """One partition: writers, a relay that heals, a broker that may be cut off, a consumer that may die."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.log: list[Record] = []
        self.truncations: list[int] = []
        self.fenced = False
        self.frozen: list[tuple[list[Row], LogEpoch]] = []
        self.gates: dict[GateKey, Gate] = {}
        self.effects: list[tuple[int, int]] = []
        self.reach = Reach(0, 0)
        self.next = 0
        self.looking = False
        self.short = False

    @property
    def epoch(self) -> LogEpoch:
        if not self.truncations:
            return FIRST_EPOCH
        return LogEpoch(len(self.truncations) + 1, tuple(reversed(self.truncations))[:EPOCH_HISTORY])

    @rule(aggregate=st.integers(1, 3), count=st.integers(1, 3))
    def write(self, aggregate: int, count: int) -> None:
        last = max((row.version for row in self.rows if row.aggregate == aggregate), default=0)
        self.rows += [Row(aggregate, last + number) for number in range(1, count + 1)]

    @rule(count=st.integers(1, 6), marked=st.booleans())
    def publish(self, count: int, marked: bool) -> None:
        """The relay heals whenever its producer was refused, then sends; it may die before it marks."""
        if self.fenced:
            self.heal()
        for row in [row for row in self.rows if row.offset is None][:count]:
            self._append(row, self.epoch)
            if marked:
                row.offset = len(self.log) - 1

    @rule(count=st.integers(1, 4))
    def freeze_relay(self, count: int) -> None:
        """A relay has fetched its next rows, and stops before it sends them; another will lead."""
        self.frozen.append(([row for row in self.rows if row.offset is None][:count], self.epoch))

    @rule()
    @precondition(lambda self: self.frozen)
    def wake_frozen_relay(self) -> None:
        """It sends them now, stamped as it knew the log then, and records nothing."""
        rows, epoch = self.frozen.pop(0)
        for row in rows:
            self._append(row, epoch)

    @rule(data=st.data())
    @precondition(lambda self: self.log)
    def lose_tail(self, data: st.DataObject) -> None:
        del self.log[data.draw(st.integers(0, len(self.log) - 1)) :]
        self.fenced = True

    @rule()
    def heal(self) -> None:
        self.fenced = False
        recorded = sorted((row.offset, row) for row in self.rows if row.offset is not None)
        cut = next((offset for offset, row in recorded if not self._holds(offset, row)), None)
        if cut is None and len(self.log) >= max(self.truncations[-1:], default=0):
            return
        self.truncations.append(len(self.log) if cut is None else min(cut, len(self.log)))
        for row in self.rows:
            if row.offset is not None and row.offset >= self.truncations[-1]:
                row.offset = None

    @rule(count=st.integers(1, 5), dies=st.booleans())
    def consume(self, count: int, dies: bool) -> None:
        if self.next > len(self.log):
            self.restart()
        fetched = self.log[self.next : self.next + count]
        if not fetched:
            return
        if self.looking and fetched[0].offset < self.reach.next_offset:
            seen, fetched = fetched[0], fetched[1:]
            back = look_back(self.reach, seen.offset, seen.event_id, seen.epoch, again=self.short)
            self.short = seen.offset < self.reach.next_offset - 1
            if back is not None:
                self.reach = Reach(back, raised(self.reach.epoch, seen.epoch))
                self.next, self.looking, self.short = back, False, False
                return
        self.looking = False
        if not fetched:
            self.next += 1
            return
        if dies:
            self.restart()
            return
        self._take(fetched)

    def _take(self, fetched: list[Record]) -> None:
        intake = plan({SLOT: fetched}, {SLOT: self.reach})
        gates = deepcopy(self.gates)
        for one, verdict in judge_all(gates, intake.records()):
            if verdict is Verdict.APPLY:
                self.effects.append((one.aggregate_id.int, one.version))
        self.gates = gates
        self.reach = intake.moves[SLOT].new
        self.short = False
        self.next = self.reach.next_offset

    @rule()
    def restart(self) -> None:
        """Another instance takes over, or the same one looks behind itself."""
        self.next, self.looking = resume_at(self.reach, beginning=0, end=len(self.log))

    @invariant()
    def every_aggregate_is_in_order(self) -> None:
        last: dict[int, int] = {}
        for aggregate, version in self.effects:
            assert version == last.get(aggregate, 0) + 1
            last[aggregate] = version

    def teardown(self) -> None:
        """Left in peace, everything that was written takes effect."""
        self.heal()
        self.publish(count=len(self.rows), marked=True)
        for _ in range(EPOCH_HISTORY + 3):
            self.restart()
            for _ in range(2 * len(self.log) + 2):
                self.consume(count=5, dies=False)
        assert sorted(self.effects) == sorted((row.aggregate, row.version) for row in self.rows)

    def _append(self, row: Row, epoch: LogEpoch) -> None:
        self.log.append(record(len(self.log), row.aggregate, row.version, epoch))

    def _holds(self, offset: int, row: Row) -> bool:
        if offset >= len(self.log):
            return False
        there = self.log[offset]
        return (there.aggregate_id.int, there.version) == (row.aggregate, row.version)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)

versions = st.integers(0, 50)


@given(versions, versions, st.booleans(), st.booleans())
def test_only_the_next_version_or_a_snapshot_passes(last: int, version: int, parked: bool, snapshot: bool) -> None:
    verdict = judge(Gate(last, parked), version, snapshot=snapshot)
    expected = Verdict.GAP
    if version <= last:
        expected = Verdict.DUPLICATE
    elif parked:
        expected = Verdict.PARKED
    elif snapshot or version == last + 1:
        expected = Verdict.APPLY
    assert verdict is expected


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=60))
def test_whatever_arrives_effects_are_consecutive(arrivals: list[tuple[int, int]]) -> None:
    gates: dict[GateKey, Gate] = {}
    records = [record(n, aggregate, version, None) for n, (aggregate, version) in enumerate(arrivals)]
    applied: dict[UUID, list[int]] = {}
    for one, verdict in judge_all(gates, records):
        if verdict is Verdict.APPLY:
            applied.setdefault(one.aggregate_id, []).append(one.version)
    assert all(taken == list(range(1, len(taken) + 1)) for taken in applied.values())
    assert {key.aggregate_id: gate.version for key, gate in gates.items() if gate.version} == {
        key: len(taken) for key, taken in applied.items()
    }


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 200))
def test_rewind_covers_every_missed_truncation(cuts: list[int], missed: int, offset: int) -> None:
    number = len(cuts) + 1
    known = max(number - missed, 1)
    log = LogEpoch(number, tuple(reversed(cuts))[:EPOCH_HISTORY])
    target = rewind_target(known, log, offset)
    needed = min(cuts[known - 1 :], default=offset)
    assert (target if target is not None else offset) <= max(needed, 0) or needed >= offset
    if number - known <= EPOCH_HISTORY and target is not None:
        assert target == (needed if needed < offset else 0)


def test_rewind_is_exact_and_happens_once() -> None:
    log = LogEpoch(3, (40, 20))
    entries = [record(offset, 1, offset, log) for offset in range(50, 53)]
    assert follow(Reach(50, 1), entries) == (0, 20, 3)
    assert follow(Reach(50, 2), entries) == (0, 40, 3)
    assert follow(Reach(50, 3), entries) == (3, None, 3)
    assert follow(Reach(50, 0), entries) == (3, None, 3)
    assert follow(Reach(40, 2), [record(40, 1, 1, log)]) == (1, None, 3)
    assert follow(Reach(60, 1), [record(45, 1, 1, FIRST_EPOCH)]) == (0, 0, 1)
    assert follow(Reach(60, 1), [record(45, 1, 1, LogEpoch(2, (45,)))]) == (1, None, 2)
    assert follow(Reach(5, 1), [record(30, 1, 1, LogEpoch(99, (25,) * EPOCH_HISTORY))]) == (0, 0, 99)


def test_look_back_tells_a_log_that_is_not_the_same() -> None:
    mine, other = UUID(int=1), UUID(int=2)
    reach = Reach(10, 1, mine)
    assert look_back(reach, 9, mine, FIRST_EPOCH) is None
    assert look_back(reach, 9, mine, LogEpoch(2, (7,))) == 7
    assert look_back(reach, 9, other, FIRST_EPOCH) == 0
    assert look_back(reach, 9, other, LogEpoch(2, (9,))) == 9
    assert look_back(reach, 9, other, LogEpoch(2, (10,))) == 0
    assert look_back(reach, 9, mine, LogEpoch(2, (10,))) is None
    assert look_back(reach, 4, other, FIRST_EPOCH) is None
    assert look_back(reach, 4, other, LogEpoch(2, (4,))) == 4
    assert look_back(reach, 4, other, FIRST_EPOCH, again=True) == 0
    assert look_back(replace(reach, epoch=0), 4, other, None) == 0
    assert look_back(Reach(10, 0, mine), 9, other, None) == 0
    assert look_back(Reach(10, 2), 9, mine, LogEpoch(2, (10,))) == 0
    assert look_back(Reach(10, 2), 9, mine, LogEpoch(2, (9,))) is None


def test_reading_resumes_with_a_look_at_the_record_before() -> None:
    assert resume_at(Reach(0, 0), beginning=0, end=0) == (0, False)
    assert resume_at(Reach(5, 1), beginning=0, end=9) == (4, True)
    assert resume_at(Reach(5, 1), beginning=0, end=3) == (2, True)
    assert resume_at(Reach(5, 1), beginning=0, end=0) == (0, False)
    assert resume_at(Reach(5, 1), beginning=5, end=9) == (5, False)
    assert resume_at(Reach(5, 1), beginning=7, end=9) == (7, False)


@given(st.integers(1, 100), st.integers(1, 20))
def test_shares_cover_everything_and_leave_nobody_idle(partitions: int, instances: int) -> None:
    assert share(partitions, instances) * instances >= partitions
    assert (share(partitions, instances) - 1) * instances < partitions
