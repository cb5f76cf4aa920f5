"""Which faults happen when: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of fault."""

    KILL = "kill -9"
    FREEZE = "freeze"
    RESTART = "restart"
    WIPE = "wipe"
    """The broker is killed and its data folder deleted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault."""

    after: float
    """Seconds after the one before has begun."""
    kind: Kind
    victim: str
    seconds: float = 0.0
    """How long a freeze lasts."""

    def __str__(self) -> str:
        return f"{self.kind} {self.victim}" + (f" {self.seconds:.1f} s" if self.kind is Kind.FREEZE else "")


WEIGHTS = {Kind.KILL: 10, Kind.FREEZE: 5, Kind.RESTART: 4}
SHORTEST_FREEZE, LONGEST_FREEZE = 1.0, 12.0
PAUSE = 2.0
"""Mean seconds between two faults; a freeze goes on while others happen."""
RECOVERY = 12.0
"""Seconds for which a victim is spared, as a rule: whoever supervises a process that dies while it starts waits ever
longer before the next try, and then the run measures that patience alone."""
AGAIN = 0.15
"""Chance that it is hit again all the same."""
WIPE_EVERY = 15
"""One fault of so many is a wiped broker, the first of them early."""


def schedule(seed: int, count: int, victims: dict[str, float]) -> list[Fault]:
    """Draw `count` faults over `victims`, which are given with their weights; `broker` must be one of them."""
    pick = random.Random(seed)  # noqa: S311 - reproducible on purpose
    wipes = set(_wipes(pick, count))
    hit: dict[str, float] = {}
    clock = 0.0
    faults = []
    for number in range(count):
        after = pick.uniform(0.2, 2 * PAUSE - 0.2)
        clock += after
        if number in wipes:
            fault = Fault(after, Kind.WIPE, "broker")
        else:
            spared = {name for name, at in hit.items() if clock - at < RECOVERY and pick.random() > AGAIN}
            fault = _draw(pick, after, {name: weight for name, weight in victims.items() if name not in spared})
        hit[fault.victim] = clock + fault.seconds
        faults.append(fault)
    return faults


def _draw(pick: random.Random, after: float, victims: dict[str, float]) -> Fault:
    kind = pick.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    victim = pick.choices(list(victims), list(victims.values()))[0]
    # Most freezes in life are short; some must be longer than the leases.
    seconds = pick.triangular(SHORTEST_FREEZE, LONGEST_FREEZE, 3.0) if kind is Kind.FREEZE else 0.0
    return Fault(after, kind, victim, seconds)


def _wipes(pick: random.Random, count: int) -> Iterator[int]:
    """The places of the wipes: one in each stretch of `WIPE_EVERY` faults, and at least one in all."""
    for begin in range(0, max(count, 1), WIPE_EVERY):
        end = min(begin + WIPE_EVERY, count)
        if begin == 0 or end - begin == WIPE_EVERY:
            yield pick.randrange(begin, max(end, begin + 1))
