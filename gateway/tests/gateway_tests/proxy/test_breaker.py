import pytest

from gateway.proxy.breaker import Breaker, BreakerPolicy, BreakerState, RetryBudget, Verdict


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(BreakerPolicy(window=10, calls=20, share=0.5, pause=5.0), clock)


def state(breaker: Breaker) -> BreakerState:
    return breaker.state


def end(breaker: Breaker, verdict: Verdict, times: int = 1) -> None:
    for _ in range(times):
        ticket = breaker.admit()
        assert ticket is not None
        breaker.settle(ticket, verdict)


def open_up(breaker: Breaker) -> None:
    end(breaker, Verdict.FAULTY, 20)
    assert state(breaker) is BreakerState.OPEN


def test_half_of_twenty_calls_open_it(breaker: Breaker) -> None:
    end(breaker, Verdict.HEALTHY, 10)
    end(breaker, Verdict.FAULTY, 9)
    assert state(breaker) is BreakerState.CLOSED

    end(breaker, Verdict.FAULTY)

    assert state(breaker) is BreakerState.OPEN
    assert breaker.admit() is None
    assert breaker.wait() == 5.0


def test_less_than_half_do_not(breaker: Breaker) -> None:
    end(breaker, Verdict.HEALTHY, 101)
    end(breaker, Verdict.FAULTY, 100)

    assert state(breaker) is BreakerState.CLOSED


def test_fewer_than_twenty_calls_do_not(breaker: Breaker) -> None:
    end(breaker, Verdict.FAULTY, 19)

    assert state(breaker) is BreakerState.CLOSED


def test_calls_of_more_than_ten_seconds_ago_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    end(breaker, Verdict.FAULTY, 19)
    clock.now += 10
    end(breaker, Verdict.FAULTY)
    assert state(breaker) is BreakerState.CLOSED

    end(breaker, Verdict.FAULTY, 19)
    assert state(breaker) is BreakerState.OPEN


def test_calls_of_nine_seconds_ago_count(breaker: Breaker, clock: Clock) -> None:
    end(breaker, Verdict.FAULTY, 19)
    clock.now += 9
    end(breaker, Verdict.FAULTY)

    assert state(breaker) is BreakerState.OPEN


def test_undecided_calls_do_not_count(breaker: Breaker) -> None:
    end(breaker, Verdict.UNDECIDED, 100)
    end(breaker, Verdict.FAULTY, 19)

    assert state(breaker) is BreakerState.CLOSED


def test_one_probe_after_five_seconds(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    clock.now += 4.999
    assert breaker.admit() is None
    clock.now += 0.001

    probe = breaker.admit()

    assert probe is not None
    assert state(breaker) is BreakerState.PROBING
    assert breaker.admit() is None


def test_a_healthy_probe_closes_it(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    clock.now += 5
    end(breaker, Verdict.HEALTHY)

    assert state(breaker) is BreakerState.CLOSED
    end(breaker, Verdict.FAULTY, 19)
    assert state(breaker) is BreakerState.CLOSED


def test_a_faulty_probe_opens_it_for_five_more_seconds(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    clock.now += 7
    end(breaker, Verdict.FAULTY)

    assert state(breaker) is BreakerState.OPEN
    assert breaker.wait() == 5.0


def test_a_probe_that_told_nothing_is_followed_by_another(breaker: Breaker, clock: Clock) -> None:
    open_up(breaker)
    clock.now += 5
    end(breaker, Verdict.UNDECIDED)

    assert state(breaker) is BreakerState.PROBING
    end(breaker, Verdict.HEALTHY)
    assert state(breaker) is BreakerState.CLOSED


@pytest.mark.parametrize("late", list(Verdict))
def test_calls_from_before_it_opened_do_not_decide_the_probe(breaker: Breaker, clock: Clock, late: Verdict) -> None:
    early = breaker.admit()
    assert early is not None
    open_up(breaker)
    clock.now += 5
    probe = breaker.admit()
    assert probe is not None

    breaker.settle(early, late)

    assert state(breaker) is BreakerState.PROBING
    assert breaker.admit() is None
    breaker.settle(probe, Verdict.HEALTHY)
    assert state(breaker) is BreakerState.CLOSED


def test_retries_stay_a_fifth_of_the_calls_after_the_advance() -> None:
    budget = RetryBudget(0.2)
    spent = 0
    for _ in range(1000):
        budget.earn()
        spent += budget.spend()

    assert spent == 203


def test_retries_cannot_be_saved_up_without_end() -> None:
    budget = RetryBudget(0.2)
    for _ in range(1000):
        budget.earn()

    assert sum(budget.spend() for _ in range(100)) == 10


def test_no_share_means_no_retries() -> None:
    budget = RetryBudget(0)
    budget.earn()

    assert not budget.spend()
