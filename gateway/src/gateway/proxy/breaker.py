"""When to stop calling a service that fails: a circuit breaker and a budget for retries, on an injected clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Clock = Callable[[], float]
"""Monotonic seconds."""


class BreakerState(StrEnum):
    """What a breaker does with the next call."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class Verdict(StrEnum):
    """What a call told about the service."""

    HEALTHY = "healthy"
    FAULTY = "faulty"
    """It could not be reached, broke off, or stayed silent."""
    UNDECIDED = "undecided"
    """Nothing: such as when the client left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerPolicy:
    """When a breaker opens.

    Attributes:
        window: Seconds that count, in whole seconds.
        calls: Fewer calls in the window decide nothing.
        share: Share of failures, 0 to 1, from which it opens.
        pause: Seconds it stays open before one call may try again.
    """

    window: int = 10
    calls: int = 20
    share: float = 0.5
    pause: float = 5.0


class Breaker:
    """Refuses calls to a service of which at least ``share`` failed lately.

    After the pause one call, the probe, goes through: it alone decides whether all others may.
    """

    def __init__(self, policy: BreakerPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._seconds: deque[list[int]] = deque()  # [second, calls, failures], oldest first
        self._opened_at: float | None = None
        self._probing = False
        self._ticket = 0

    @property
    def state(self) -> BreakerState:
        """What the breaker does with the next call."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.PROBING if self._probing or self.wait() <= 0 else BreakerState.OPEN

    def wait(self) -> float:
        """Seconds until a call can be tried; 0 while it is closed."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self._policy.pause - self._clock())

    def admit(self) -> int | None:
        """A ticket to hand to :meth:`settle` when the call has ended; None where it may not go out."""
        if self._opened_at is None:
            return self._ticket
        if self._probing or self.wait() > 0:
            return None
        self._probing = True
        self._ticket += 1
        return self._ticket

    def settle(self, ticket: int, verdict: Verdict) -> None:
        """Take in how a call ended; calls from before the breaker last moved no longer count."""
        if ticket != self._ticket:
            return
        if self._opened_at is None:
            self._count(verdict)
        elif verdict is Verdict.HEALTHY:
            self._move(opened_at=None)
        elif verdict is Verdict.FAULTY:
            self._move(opened_at=self._clock())
        else:
            self._probing = False

    def _count(self, verdict: Verdict) -> None:
        if verdict is Verdict.UNDECIDED:
            return
        now = int(self._clock())
        if not self._seconds or self._seconds[-1][0] != now:
            self._seconds.append([now, 0, 0])
            while self._seconds[0][0] <= now - self._policy.window:
                self._seconds.popleft()
        self._seconds[-1][1] += 1
        if verdict is Verdict.FAULTY:
            self._seconds[-1][2] += 1
            self._judge()

    def _judge(self) -> None:
        calls = sum(second[1] for second in self._seconds)
        failures = sum(second[2] for second in self._seconds)
        if calls >= self._policy.calls and failures >= calls * self._policy.share:
            self._move(opened_at=self._clock())

    def _move(self, *, opened_at: float | None) -> None:
        self._opened_at = opened_at
        self._probing = False
        self._ticket += 1
        self._seconds.clear()


class RetryBudget:
    """Keeps retries below a share of the calls, so that a failing service is not buried under them.

    Every call earns ``share`` of a retry. A few are granted in advance, for services that are seldom called.
    """

    ADVANCE = 3.0
    LIMIT = 10.0

    def __init__(self, share: float) -> None:
        self._share = share
        self._balance = self.ADVANCE if share else 0.0

    def earn(self) -> None:
        """A call goes out."""
        self._balance = min(self.LIMIT, self._balance + self._share)

    def spend(self) -> bool:
        """Take one retry; False where none is left."""
        if self._balance < 1:
            return False
        self._balance -= 1
        return True
