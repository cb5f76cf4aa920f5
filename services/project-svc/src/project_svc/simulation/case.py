"""What is simulated: a plan, how uncertain its tasks are, what may strike them, what rises and falls together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.network.plan import Plan, Task
from project_svc.simulation.spreads import Spread

MOST_CELLS = 20_000_000
"""Tasks times iterations; each takes some 20 bytes."""


class CaseError(ValueError):
    """A simulation that means nothing; it comes whole out of another process, as simulations run in one.

    Attributes:
        subject: The task or risk that is wrong.
    """

    def __init__(self, subject: str, message: str) -> None:
        self.subject = subject
        super().__init__(subject, message)

    def __str__(self) -> str:
        """Both in one line."""
        return ": ".join(self.args)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """A risk that strikes in some iterations and not in others; one that strikes hits all its tasks alike.

    That one factor hits several tasks, and so makes them rise together, is the risk driver method of Hulett,
    *Integrated Cost-Schedule Risk Analysis* (2011).

    Attributes:
        id: Its name; no task has it.
        probability: Of striking, 0 to 1.
        tasks: Those that it makes longer.
        delay: Working minutes that each of them takes longer; negative for an opportunity.
        factor: By what the duration of each is multiplied, before delays are added.
        cost: What is paid once if it strikes.
    """

    id: str
    probability: float
    tasks: tuple[str, ...] = ()
    delay: Spread | None = None
    factor: Spread | None = None
    cost: Spread | None = None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Tasks (their own durations) and risks (whether they strike) that rise and fall together, each two of them.

    Attributes:
        between: Their ids.
        coefficient: Of rank correlation (Spearman), -1 to 1.
    """

    between: tuple[str, ...]
    coefficient: float


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a simulation follows from; equal cases have equal results.

    Attributes:
        plan: Tasks, links, calendars; what is not in ``durations`` takes as long as it says.
        durations: By task without children, its remaining working minutes.
        hazards: Risks.
        correlations: None between what is not named; of a pair that is named twice the later one holds.
        costs: By task, of its remaining work; free if not there.
        spent: What has been paid before.
        due: The moment by which the plan should end.
        budget: What it should cost at most.
        iterations: How many plans are drawn.
        seed: Another one draws others.
    """

    plan: Plan
    durations: Mapping[str, Spread] = field(default_factory=dict)
    hazards: Sequence[Hazard] = ()
    correlations: Sequence[Correlation] = ()
    costs: Mapping[str, Cost] = field(default_factory=dict)
    spent: float = 0.0
    due: int | None = None
    budget: float | None = None
    iterations: int = 10_000
    seed: int = 1

    @cached_property
    def planned(self) -> Mapping[str, int]:
        """By task, the working minutes that are left of it as the plan has them."""
        return {task.id: _left(task) for task in self.plan.tasks}

    def check(self) -> None:
        """Refuse what means nothing.

        Raises:
            CaseError: It names what is not there, or a number is out of its range.
        """
        if self.iterations < 1 or self.iterations * max(len(self.plan.tasks), 1) > MOST_CELLS:
            raise CaseError("iterations", f"{self.iterations} of {len(self.plan.tasks)} tasks are too few or too many")
        for subject, message in self._wrong():
            raise CaseError(subject, message)

    def _wrong(self) -> Iterator[tuple[str, str]]:
        parents = {task.parent for task in self.plan.tasks}
        leaves = {task.id for task in self.plan.tasks if task.id not in parents}
        yield from ((task, "is no task without children") for task in self.durations if task not in leaves)
        yield from ((task, "can take less than no time") for task, spread in self.durations.items() if spread.low < 0)
        yield from ((task, "is no task without children") for task in self.costs if task not in leaves)
        names = Counter([*(task.id for task in self.plan.tasks), *(hazard.id for hazard in self.hazards)])
        yield from ((hazard.id, "is there twice") for hazard in self.hazards if names[hazard.id] > 1)
        for hazard in self.hazards:
            yield from _wrong_of(hazard, leaves)
        drivers = {*self.durations, *(hazard.id for hazard in self.hazards)}
        for one in self.correlations:
            yield from _wrong_between(one, drivers)


def _left(task: Task) -> int:
    if task.progress is None:
        return task.duration
    return 0 if task.progress.actual_finish is not None else task.progress.remaining


def _wrong_of(hazard: Hazard, leaves: set[str]) -> Iterator[tuple[str, str]]:
    if not 0 <= hazard.probability <= 1:
        yield hazard.id, "has a probability outside of 0 to 1"
    if hazard.factor is not None and hazard.factor.low < 0:
        yield hazard.id, "has a negative factor"
    yield from ((hazard.id, f"hits {task}, no task without children") for task in hazard.tasks if task not in leaves)
    if len(set(hazard.tasks)) < len(hazard.tasks):
        yield hazard.id, "hits a task twice"


def _wrong_between(one: Correlation, drivers: set[str]) -> Iterator[tuple[str, str]]:
    if len(set(one.between)) <= 1:
        yield "correlation", "is between two at least"
    if not -1 <= one.coefficient <= 1:
        yield one.between[0], "has a correlation outside of -1 to 1"
    yield from ((name, "is correlated, but not uncertain") for name in one.between if name not in drivers)
