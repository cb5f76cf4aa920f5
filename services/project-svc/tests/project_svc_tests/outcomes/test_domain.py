from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.base import Money
from crm_contracts.outcome.v1 import Direction, Measurement, MeasureSource, OutcomeStatus, OutcomeVerdict
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.outcomes.domain import (
    MAX_MEASUREMENTS,
    Judgement,
    LookBack,
    Outcome,
    attainment,
    benefit_over_cost,
    loyalty,
    satisfaction,
    score_of,
    verdict_of,
)
from project_svc.outcomes.errors import (
    CurrenciesDiffer,
    MeasuredInFuture,
    OutcomeOver,
    TargetIsBaseline,
    TooManyMeasurements,
)

NOW = datetime(2026, 5, 6, 7, tzinfo=UTC)
TODAY = NOW.date()
ACTIONS = ("measure", "evaluate", "review", "review_again_later", "drop")
LEGAL = {
    ("planned", "measure"): "measured",
    ("measured", "measure"): "measured",
    ("evaluated", "measure"): "measured",
    ("measured", "evaluate"): "evaluated",
    ("evaluated", "evaluate"): "evaluated",
    ("evaluated", "review"): "reviewed",
    ("evaluated", "review_again_later"): "measured",
    ("planned", "drop"): "dropped",
    ("measured", "drop"): "dropped",
    ("evaluated", "drop"): "dropped",
}


def outcome(status: str = "planned", **fields: Any) -> Outcome:
    given = {"baseline": Decimal(20), "target": Decimal(10), "direction": Direction.DECREASE, **fields}
    return Outcome(
        id=new_id(),
        project_id=new_id(),
        customer_id=new_id(),
        name="平均处理时长",
        unit="小时",
        status=OutcomeStatus(status),
        **given,
    )


def value(of: str, on: date = TODAY, source: str = "typed") -> Measurement:
    return Measurement(
        measured_on=on, value=Decimal(of), source=MeasureSource(source), recorded_at=NOW, recorded_by="user:x"
    )


def step(before: Outcome, action: str) -> Outcome:
    if action == "measure":
        return before.measured(value("12"), today=TODAY)
    if action == "evaluate":
        return before.evaluated(Judgement(), at=NOW, by="user:x")
    if action == "drop":
        return before.dropped("no")
    again = date(2027, 1, 1) if action == "review_again_later" else None
    look = LookBack(verdict=OutcomeVerdict.ACHIEVED, next_review_on=again)
    return before.reviewed(look, at=NOW, by="user:x")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", list(OutcomeStatus))
def test_each_action_in_each_state(status: OutcomeStatus, action: str) -> None:
    following = LEGAL.get((status.value, action))

    if following is None:
        with pytest.raises(InvalidTransition):
            step(outcome(status.value), action)
    else:
        assert step(outcome(status.value), action).status == following


@pytest.mark.parametrize(
    ("actual", "baseline", "target", "share"),
    [
        ("15", "20", "10", "50.00"),
        ("8", "20", "10", "120.00"),
        ("22", "20", "10", "-20.00"),
        ("0.5", "0", "1.5", "33.33"),
        ("9999999999999999.9999", "0", "0.0001", "9999999999999999.00"),
    ],
)
def test_attainment_is_the_part_of_the_way_that_is_gone(actual: str, baseline: str, target: str, share: str) -> None:
    assert attainment(Decimal(actual), Decimal(baseline), Decimal(target)) == Decimal(share)


_numbers = st.decimals(-10_000_000, 10_000_000, places=4)


@given(_numbers, _numbers, _numbers)
def test_at_the_target_all_of_the_way_is_gone_and_at_the_baseline_nothing(
    actual: Decimal, baseline: Decimal, target: Decimal
) -> None:
    if baseline == target:
        assert attainment(actual, baseline, target) is None
        return
    assert attainment(target, baseline, target) == 100
    assert attainment(baseline, baseline, target) == 0
    # Whichever way it is to go, the same way counts the same.
    assert attainment(actual, baseline, target) == attainment(-actual, -baseline, -target)
    share = attainment(actual, baseline, target)
    assert share is not None
    assert 0 <= score_of(share) <= 100


def test_the_latest_day_counts_and_another_of_the_day_takes_its_place() -> None:
    one = outcome().measured(value("18", date(2026, 3, 1)), today=TODAY)
    two = one.measured(value("19", date(2026, 2, 1)), today=TODAY)
    corrected = two.measured(value("14", date(2026, 3, 1)), today=TODAY)
    both = corrected.measured(value("13", date(2026, 3, 1), "metric"), today=TODAY)

    assert (one.actual, two.actual, corrected.actual) == (Decimal(18), Decimal(18), Decimal(14))
    assert [str(item.measured_on) for item in corrected.measurements] == ["2026-02-01", "2026-03-01"]
    assert corrected.attainment == 60
    assert len(both.measurements) == 3
    with pytest.raises(MeasuredInFuture):
        one.measured(value("1", date(2026, 5, 7)), today=TODAY)


def test_the_story_of_an_outcome_stays_small_enough_to_travel() -> None:
    days = [date.fromordinal(TODAY.toordinal() - number) for number in range(MAX_MEASUREMENTS)]
    full = outcome(measurements=tuple(value("1", day) for day in days))

    assert full.measured(value("2", days[0]), today=TODAY).actual == 2
    with pytest.raises(TooManyMeasurements):
        full.measured(value("2", date(2000, 1, 1)), today=TODAY)


def test_an_evaluation_says_what_the_attainment_says_or_somebody() -> None:
    half = outcome().measured(value("15"), today=TODAY)

    usual = half.evaluated(Judgement(), at=NOW, by="user:x").evaluation
    judged = half.evaluated(Judgement(score=100, summary="市场变化"), at=NOW, by="user:x").evaluation

    assert usual is not None
    assert judged is not None
    assert (usual.score, usual.verdict) == (50, OutcomeVerdict.PARTLY_ACHIEVED)
    assert (judged.score, judged.verdict) == (100, OutcomeVerdict.ACHIEVED)
    assert [verdict_of(score) for score in (0, 49, 50, 99, 100)] == [
        *(OutcomeVerdict.NOT_ACHIEVED, OutcomeVerdict.NOT_ACHIEVED),
        *(OutcomeVerdict.PARTLY_ACHIEVED, OutcomeVerdict.PARTLY_ACHIEVED, OutcomeVerdict.ACHIEVED),
    ]


def test_a_review_ends_an_outcome_unless_it_is_looked_at_again() -> None:
    judged = outcome("evaluated", review_on=date(2026, 5, 1), review_due=True)

    later = step(judged, "review_again_later")
    over = step(judged, "review")

    assert (later.review_on, later.review_due, len(later.reviews)) == (date(2027, 1, 1), False, 1)
    assert (over.review_on, over.review_due) == (date(2026, 5, 1), False)
    with pytest.raises(OutcomeOver):
        over.amended({"name": "x"})


@pytest.mark.parametrize(("direction", "target"), [("increase", "20"), ("increase", "19"), ("decrease", "21")])
def test_the_target_is_ahead(direction: str, target: str) -> None:
    with pytest.raises(TargetIsBaseline):
        outcome(direction=Direction(direction), target=Decimal(target)).checked()


def test_benefit_over_cost() -> None:
    yuan, free = Money(amount=Decimal(30), currency="CNY"), Money(amount=Decimal(0), currency="CNY")

    assert benefit_over_cost(yuan, Money(amount=Decimal(7), currency="CNY")) == Decimal("4.2857")
    assert (benefit_over_cost(yuan, None), benefit_over_cost(yuan, free)) == (None, None)
    with pytest.raises(CurrenciesDiffer):
        benefit_over_cost(yuan, Money(amount=Decimal(7), currency="EUR"))


def test_satisfaction_and_loyalty_of_scores() -> None:
    scores = [5, 5, 4, 3, 1, 5]

    assert (satisfaction(scores), loyalty(scores)) == (Decimal("66.67"), Decimal("16.67"))
    assert (satisfaction([]), loyalty([])) == (None, None)
    assert (loyalty([1, 2, 3]), loyalty([5])) == (Decimal(-100), Decimal(100))
