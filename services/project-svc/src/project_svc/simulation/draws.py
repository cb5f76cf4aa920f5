"""Durations and costs of all iterations; each task and risk draws from a stream of its own.

A stream follows from the seed and the name alone, so that a task that is added, or estimated otherwise, leaves the
draws of all others as they were: two simulations differ by what was changed and not by chance.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from project_svc.scheduling.baselines import Cost
from project_svc.simulation.case import Case, Hazard
from project_svc.simulation.correlation import correlate, matrix_of
from project_svc.simulation.spreads import Numbers, Spread

Drawn = npt.NDArray[np.int32]

_FREE = Cost()
_MOST_MINUTES = 100 * 366 * 24 * 60


@dataclass(slots=True, kw_only=True)
class Driver:
    """Something uncertain: a task's own duration, or a risk.

    Attributes:
        id: Of the task or risk.
        risk: Which of both.
        minutes: [iteration] of work; of a risk, what it adds to all its tasks together.
        cost: [iteration] what it makes of the cost.
        strikes: [iteration] whether a risk does; None of a task.
    """

    id: str
    risk: bool
    minutes: Numbers
    cost: Numbers
    strikes: npt.NDArray[np.bool_] | None = None


@dataclass(slots=True, kw_only=True)
class Draws:
    """All iterations.

    Attributes:
        durations: By task that is not certain, [iteration] its remaining working minutes.
        cost: [iteration] of the plan.
        drivers: Those by which iterations differ, tasks first.
    """

    durations: Mapping[str, Drawn]
    cost: Numbers
    drivers: Sequence[Driver]


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random numbers of one thing; the same on any machine with this NumPy."""
    digest = hashlib.sha256("\x00".join(names).encode()).digest()
    words = np.frombuffer(digest[:16], dtype="<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))


def draw(case: Case, going_on: Callable[[float], None]) -> Draws:
    """The durations and costs of all iterations; ``going_on`` is told which part of them is drawn.

    Raises:
        CaseError: Correlations cannot hold together.
    """
    steps = _Steps(len(case.durations) + len(case.hazards), going_on)
    own, chances = _samples(case, steps.take)
    cost = np.full(case.iterations, case.spent + sum(float(one.fixed) for one in case.costs.values()))
    drivers = [_of_task(case, task, sample) for task, sample in own.items()]
    lengths = dict(own)
    for hazard in case.hazards:
        effect = _effect(case, hazard, chances[hazard.id] < hazard.probability)
        drivers.append(_of_risk(case, hazard, effect, own))
        cost += effect.paid
        for task in hazard.tasks:
            before = lengths[task] if task in lengths else np.full(case.iterations, float(case.planned[task]))
            lengths[task] = before * effect.factor + effect.delay
        steps.take()
    durations = {task: _minutes(length) for task, length in lengths.items()}
    for task, price in case.costs.items():
        cost += _rate(price) * (durations[task] if task in durations else float(case.planned[task]))
    drivers = [one for one in drivers if np.ptp(one.minutes) > 0 or np.ptp(one.cost) > 0]
    return Draws(durations=durations, cost=cost, drivers=drivers)


class _Steps:
    """Counts what is drawn."""

    def __init__(self, number: int, going_on: Callable[[float], None]) -> None:
        self._number, self._going_on, self._taken = number, going_on, 0

    def take(self) -> None:
        self._going_on(self._taken / self._number)
        self._taken += 1


def _samples(case: Case, going_on: Callable[[], None]) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    """Own durations of tasks, and numbers from 0 to 1 by which risks strike, correlated."""
    own = {task: _sample(case, task, spread, going_on) for task, spread in case.durations.items() if not spread.certain}
    chances = {hazard.id: stream(case.seed, hazard.id, "strikes").random(case.iterations) for hazard in case.hazards}
    uncertain = own | chances
    links = [
        replace(one, between=tuple(name for name in one.between if name in uncertain)) for one in case.correlations
    ]
    names = list(dict.fromkeys(chain.from_iterable(one.between for one in links)))
    if names:
        rows = np.stack([uncertain[name] for name in names])
        correlate(names, rows, matrix_of(names, links))
        for name, row in zip(names, rows, strict=True):
            (own if name in own else chances)[name] = row
    certain = {task: spread for task, spread in case.durations.items() if spread.certain}
    own |= {task: np.full(case.iterations, spread.mode) for task, spread in certain.items()}
    return own, chances


def _sample(case: Case, task: str, spread: Spread, going_on: Callable[[], None]) -> Numbers:
    going_on()
    return spread.sample(stream(case.seed, task), case.iterations)


def _of_task(case: Case, task: str, sample: Numbers) -> Driver:
    return Driver(id=task, risk=False, minutes=sample, cost=sample * _rate(case.costs.get(task, _FREE)))


class _Effect(NamedTuple):
    """Of a risk, [iteration]: whether it strikes, and what follows; nothing where it does not."""

    strikes: npt.NDArray[np.bool_]
    paid: Numbers
    delay: Numbers
    factor: Numbers


def _effect(case: Case, hazard: Hazard, strikes: npt.NDArray[np.bool_]) -> _Effect:
    return _Effect(
        strikes,
        _drawn(case, hazard.id, "cost", hazard.cost, 0.0) * strikes,
        _drawn(case, hazard.id, "delay", hazard.delay, 0.0) * strikes,
        np.where(strikes, _drawn(case, hazard.id, "factor", hazard.factor, 1.0), 1.0),
    )


def _of_risk(case: Case, hazard: Hazard, effect: _Effect, own: Mapping[str, Numbers]) -> Driver:
    minutes, cost = np.zeros(case.iterations), effect.paid.copy()
    for task in hazard.tasks:
        more = effect.delay + (effect.factor - 1) * own.get(task, case.planned[task])
        minutes += more
        cost += more * _rate(case.costs.get(task, _FREE))
    return Driver(id=hazard.id, risk=True, minutes=minutes, cost=cost, strikes=effect.strikes)


def _drawn(case: Case, hazard: str, what: str, spread: Spread | None, otherwise: float) -> Numbers:
    if spread is None:
        return np.full(case.iterations, otherwise)
    return spread.sample(stream(case.seed, hazard, what), case.iterations)


def _minutes(length: Numbers) -> Drawn:
    return np.rint(np.clip(length, 0, _MOST_MINUTES)).astype(np.int32)


def _rate(cost: Cost) -> float:
    """Per working minute."""
    return float(cost.per_hour) / 60
