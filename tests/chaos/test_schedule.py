from collections import Counter

import pytest

from tests.chaos.schedule import LONGEST_FREEZE, RECOVERY, SHORTEST_FREEZE, Kind, schedule

VICTIMS = {"postgres": 2.0, "broker": 3.0, **{f"process-{number}": 1.0 for number in range(10)}}


def test_a_seed_gives_the_same_faults_again_and_another_seed_others() -> None:
    assert schedule(7, 50, VICTIMS) == schedule(7, 50, VICTIMS)
    assert schedule(7, 50, VICTIMS) != schedule(8, 50, VICTIMS)


@pytest.mark.parametrize("seed", range(20))
def test_a_long_schedule_has_every_kind_of_fault_for_every_victim(seed: int) -> None:
    faults = schedule(seed, 200, VICTIMS)

    kinds = Counter(fault.kind for fault in faults)
    assert len(faults) == 200
    assert kinds[Kind.WIPE] == 13
    assert kinds[Kind.KILL] > kinds[Kind.FREEZE] > 0
    assert kinds[Kind.RESTART] > 0
    assert {fault.victim for fault in faults if fault.kind is Kind.KILL} == {*VICTIMS}
    assert len({fault.victim for fault in faults if fault.kind is Kind.FREEZE}) > len(VICTIMS) // 2
    assert all(SHORTEST_FREEZE <= one.seconds <= LONGEST_FREEZE for one in faults if one.kind is Kind.FREEZE)


def test_a_victim_is_rarely_hit_again_before_it_has_recovered() -> None:
    faults = schedule(5, 500, VICTIMS)

    again, last, clock = 0, dict.fromkeys(VICTIMS, -RECOVERY), 0.0
    for fault in faults:
        clock += fault.after
        again += clock - last[fault.victim] < RECOVERY
        last[fault.victim] = clock + fault.seconds
    assert 0 < again < len(faults) // 4


@pytest.mark.parametrize("count", [1, 2, 10])
def test_a_short_schedule_has_a_wiped_broker_too(count: int) -> None:
    faults = schedule(3, count, VICTIMS)

    assert len(faults) == count
    assert [fault.victim for fault in faults if fault.kind is Kind.WIPE] == ["broker"]
