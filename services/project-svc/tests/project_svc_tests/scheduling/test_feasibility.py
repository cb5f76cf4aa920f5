from dataclasses import replace

from project_svc.scheduling.feasibility import Breach, Case, Violation, violations

CASE = Case(
    durations=(2, 3, 0),
    delays=((0, 2, 2), (1, 2, 1)),
    demands=((1,), (1,), (0,)),
    capacities=(((0, 2), (4, 1)),),
    releases=(0, 1, 0),
)


def test_a_feasible_schedule() -> None:
    assert violations(CASE, (0, 1, 2)) == []
    assert violations(CASE, (0, 2, 3)) == []


def test_each_thing_that_can_be_wrong() -> None:
    assert violations(CASE, (0, 1)) == [Violation(breach=Breach.COUNT)]
    assert violations(CASE, (0, 0, 2)) == [Violation(breach=Breach.RELEASE, tasks=(1,))]
    assert violations(replace(CASE, releases=()), (1, -1, 3)) == [
        Violation(breach=Breach.RELEASE, tasks=(1,)),
        Violation(breach=Breach.CAPACITY, tasks=(1,), resource=0, period=-1),
    ]
    assert violations(CASE, (0, 1, 1)) == [
        Violation(breach=Breach.DELAY, tasks=(0, 2)),
        Violation(breach=Breach.DELAY, tasks=(1, 2)),
    ]
    narrow = replace(CASE, capacities=(((0, 1),),))
    assert violations(narrow, (0, 1, 2)) == [
        Violation(breach=Breach.CAPACITY, tasks=(0, 1), resource=0, period=1),
    ]
    assert violations(narrow, (0, 2, 3)) == []


def test_a_capacity_that_falls_while_tasks_run() -> None:
    assert violations(CASE, (3, 3, 9)) == [Violation(breach=Breach.CAPACITY, tasks=(0, 1), resource=0, period=4)]
    assert violations(replace(CASE, capacities=(((3, 2),),)), (0, 3, 4)) == [
        Violation(breach=Breach.CAPACITY, tasks=(0,), resource=0, period=0)
    ]
