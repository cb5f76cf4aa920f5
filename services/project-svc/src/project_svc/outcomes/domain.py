"""Rules of outcomes: attainment, evaluation, reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from crm_contracts.base import DecimalString, Money
from crm_contracts.outcome.v1 import (
    Direction,
    Evaluation,
    Measurement,
    MeasureSource,
    OutcomeEvidence,
    OutcomeReview,
    OutcomeStatus,
    OutcomeVerdict,
)
from crm_platform.aggregate import OwnedState
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from project_svc.outcomes.errors import (
    CurrenciesDiffer,
    MeasuredInFuture,
    OutcomeOver,
    TargetIsBaseline,
    TooManyMeasurements,
)

NOUN = Words("outcome", "成果")

_S = OutcomeStatus
LIFE_CYCLE: StateMachine[OutcomeStatus] = StateMachine(
    what=NOUN,
    initial=_S.PLANNED,
    transitions={
        (_S.PLANNED, "measure"): _S.MEASURED,
        (_S.MEASURED, "measure"): _S.MEASURED,
        (_S.EVALUATED, "measure"): _S.MEASURED,
        (_S.MEASURED, "evaluate"): _S.EVALUATED,
        (_S.EVALUATED, "evaluate"): _S.EVALUATED,
        (_S.EVALUATED, "review"): _S.REVIEWED,
        (_S.EVALUATED, "review_again_later"): _S.MEASURED,
        (_S.PLANNED, "drop"): _S.DROPPED,
        (_S.MEASURED, "drop"): _S.DROPPED,
        (_S.EVALUATED, "drop"): _S.DROPPED,
    },
)

OVER = frozenset({_S.REVIEWED, _S.DROPPED})
"""States in which nothing is left to do."""

FROM_SURVEYS = frozenset({MeasureSource.SATISFACTION, MeasureSource.LOYALTY})

MAX_MEASUREMENTS = 400
_PLACES = Decimal("0.01")
_RATIO_PLACES = Decimal("0.0001")
_LARGEST = Decimal(9999999999999999)
_WHOLE, _HALF = 100, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody makes of the measurements; without a score it is what the attainment says."""

    score: int | None = None
    summary: str | None = None
    evidence: tuple[OutcomeEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """A review: what is found, and whether to look again."""

    verdict: OutcomeVerdict
    notes: str | None = None
    lessons: str | None = None
    next_review_on: date | None = None


class Outcome(OwnedState):
    """An indicator with baseline and target, and what became of it."""

    project_id: UUID
    customer_id: UUID
    name: str
    unit: str
    direction: Direction
    source: MeasureSource = MeasureSource.TYPED
    baseline: DecimalString
    baseline_on: date | None = None
    target: DecimalString
    target_on: date | None = None
    measure_on: tuple[date, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    actual: DecimalString | None = None
    attainment: DecimalString | None = None
    evaluation: Evaluation | None = None
    benefit: Money | None = None
    cost: Money | None = None
    benefit_cost_ratio: DecimalString | None = None
    review_on: date | None = None
    review_due: bool = False
    reviews: tuple[OutcomeReview, ...] = ()
    status: OutcomeStatus = LIFE_CYCLE.initial
    drop_reason: str | None = None

    def checked(self) -> "Outcome":
        """The outcome with what follows from what is agreed.

        Raises:
            TargetIsBaseline: The target is not ahead.
            CurrenciesDiffer: Benefit and cost cannot be compared.
        """
        ahead = self.target - self.baseline
        if (ahead if self.direction is Direction.INCREASE else -ahead) <= 0:
            raise TargetIsBaseline(direction=self.direction.value, target=self.target, baseline=self.baseline)
        ratio = benefit_over_cost(self.benefit, self.cost)
        return self.with_(
            attainment=attainment(self.actual, self.baseline, self.target),
            benefit_cost_ratio=ratio,
            measure_on=tuple(sorted(set(self.measure_on))),
        )

    def amended(self, changes: Mapping[str, Any]) -> "Outcome":
        """The outcome with something else agreed.

        Raises:
            OutcomeOver: It was reviewed for the last time, or dropped.
        """
        if self.status in OVER:
            raise OutcomeOver(status=self.status.value)
        after = self.with_(**changes).checked()
        return after.with_(review_due=False) if "review_on" in changes else after

    def measured(self, new: Measurement, *, today: date) -> "Outcome":
        """The outcome with one value more; another of the same day and source takes its place.

        Raises:
            InvalidTransition: It is over.
            MeasuredInFuture: The value is of a day to come.
            TooManyMeasurements: It has too many.
        """
        status = LIFE_CYCLE.after(self.status, "measure")
        if new.measured_on > today:
            raise MeasuredInFuture(measured_on=new.measured_on)
        others = [one for one in self.measurements if (one.measured_on, one.source) != (new.measured_on, new.source)]
        if len(others) >= MAX_MEASUREMENTS:
            raise TooManyMeasurements(count=len(others))
        measurements = tuple(sorted([*others, new], key=lambda one: (one.measured_on, one.recorded_at)))
        actual = measurements[-1].value
        return self.with_(
            status=status,
            measurements=measurements,
            actual=actual,
            attainment=attainment(actual, self.baseline, self.target),
        )

    def knows(self, reference: str | None) -> bool:
        """Whether another system has told a value under this reference before."""
        return reference is not None and any(one.reference == reference for one in self.measurements)

    def evaluated(self, judgement: Judgement, *, at: datetime, by: str) -> "Outcome":
        """The outcome as somebody judged it; a new value asks for another judgement.

        Raises:
            InvalidTransition: There is no value, or it is over.
        """
        status = LIFE_CYCLE.after(self.status, "evaluate")
        score = score_of(self.attainment) if judgement.score is None else judgement.score
        evaluation = Evaluation(
            score=score,
            verdict=verdict_of(score),
            summary=judgement.summary,
            evidence=judgement.evidence,
            evaluated_at=at,
            evaluated_by=by,
        )
        return self.with_(status=status, evaluation=evaluation)

    def reviewed(self, what: LookBack, *, at: datetime, by: str) -> "Outcome":
        """The outcome after a look back; over, unless it is looked at again.

        Raises:
            InvalidTransition: It is not evaluated.
        """
        again = what.next_review_on is not None
        review = OutcomeReview(
            verdict=what.verdict,
            notes=what.notes,
            lessons=what.lessons,
            next_review_on=what.next_review_on,
            reviewed_at=at,
            reviewed_by=by,
        )
        return self.with_(
            status=LIFE_CYCLE.after(self.status, "review_again_later" if again else "review"),
            reviews=(*self.reviews, review),
            review_on=what.next_review_on or self.review_on,
            review_due=False,
        )

    def dropped(self, reason: str) -> "Outcome":
        """The outcome as nobody wants it any more.

        Raises:
            InvalidTransition: It is over already.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "drop"), drop_reason=reason, review_due=False)


def attainment(actual: Decimal | None, baseline: Decimal, target: Decimal) -> Decimal | None:
    """How much of the way from baseline to target is gone, in per cent; None where there is no value, or no way."""
    if actual is None or target == baseline:
        return None
    share = (actual - baseline) / (target - baseline) * 100
    return max(-_LARGEST, min(_LARGEST, share)).quantize(_PLACES, ROUND_HALF_EVEN)


def score_of(share: Decimal | None) -> int:
    """The attainment as a score from 0 to 100."""
    return 0 if share is None else int(max(Decimal(0), min(Decimal(_WHOLE), share)).to_integral_value(ROUND_HALF_EVEN))


def verdict_of(score: int) -> OutcomeVerdict:
    """Achieved at 100, partly from half on."""
    if score >= _WHOLE:
        return OutcomeVerdict.ACHIEVED
    return OutcomeVerdict.PARTLY_ACHIEVED if score >= _HALF else OutcomeVerdict.NOT_ACHIEVED


def benefit_over_cost(benefit: Money | None, cost: Money | None) -> Decimal | None:
    """Benefit ÷ cost; None where one of them is missing, or nothing was spent.

    Raises:
        CurrenciesDiffer: They are not in one currency.
    """
    if benefit is None or cost is None:
        return None
    if benefit.currency != cost.currency:
        raise CurrenciesDiffer(benefit=benefit.currency, cost=cost.currency)
    if not cost.amount:
        return None
    return min(_LARGEST, benefit.amount / cost.amount).quantize(_RATIO_PLACES, ROUND_HALF_EVEN)


def satisfaction(scores: Sequence[int]) -> Decimal | None:
    """CSAT: the share of scores 4 and 5 of all from 1 to 5, in per cent."""
    return _share(sum(score >= 4 for score in scores), len(scores))  # noqa: PLR2004


def loyalty(scores: Sequence[int]) -> Decimal | None:
    """Net share of those who would come again: 5 less 1 to 3, in per cent, from -100 to 100.

    It is the Net Promoter Score's reckoning (Reichheld 2003) on the five points that surveys have: 5 stands for
    promoters, 4 for passives, 1 to 3 for detractors.
    """
    return _share(sum((score == 5) - (score <= 3) for score in scores), len(scores))  # noqa: PLR2004


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(_PLACES, ROUND_HALF_EVEN) if whole else None
