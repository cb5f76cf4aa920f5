from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.control.v1 import (
    CheckItem,
    CheckState,
    GateCondition,
    GateKind,
    GateStatus,
    GateVerdict,
)
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.quality_gates.domain import MOST_REVIEWS, Finding, QualityGate, Review
from project_svc.quality_gates.errors import GateSettled, NotAReviewer, TooManyReviews, VerdictDoesNotFit

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
CONDITION = GateCondition(text="补充压测报告", owner_id=new_id(), due_on=date(2026, 3, 9), action_id=new_id())
PASSED, FAILED, OPEN, WAIVED = CheckState.PASSED, CheckState.FAILED, CheckState.OPEN, CheckState.WAIVED


def gate(*states: CheckState, status: GateStatus = GateStatus.PLANNED, optional: int = 0) -> QualityGate:
    """A gate with mandatory items in these states, the last ``optional`` of them not mandatory."""
    last = len(states) - optional
    items = [
        CheckItem(number=number, text=f"条目 {number}", mandatory=number <= last, state=state)
        for number, state in enumerate(states, 1)
    ]
    return QualityGate(
        id=new_id(),
        project_id=new_id(),
        name="上线评审",
        kind=GateKind.TECHNICAL,
        planned_on=NOW.date(),
        checklist=tuple(items),
        status=status,
    )


def review(verdict: GateVerdict | None, *findings: Finding, conditions: int = 0, comment: str | None = None) -> Review:
    return Review(findings=findings, verdict=verdict, conditions=[CONDITION] * conditions, comment=comment)


def after(before: QualityGate, said: Review, language: str = "en") -> QualityGate:
    return before.reviewed(said, at=NOW, by="user:x", language=language)


def refusal(before: QualityGate, said: Review, language: str = "en") -> list[tuple[str, str]]:
    with pytest.raises(VerdictDoesNotFit) as refused:
        after(before, said, language)
    return [(problem.pointer, problem.code) for problem in refused.value.errors]


VERDICTS = (
    (review(GateVerdict.PASSED), GateStatus.PASSED),
    (review(GateVerdict.PASSED_WITH_CONDITIONS, conditions=1), GateStatus.PASSED_WITH_CONDITIONS),
    (review(GateVerdict.FAILED, comment="性能不足"), GateStatus.FAILED),
)


@pytest.mark.parametrize("status", list(GateStatus))
def test_reviews_and_waivers_in_each_state(status: GateStatus) -> None:
    before = gate(PASSED, status=status)
    for said, expected in VERDICTS:
        if status in {GateStatus.PASSED, GateStatus.WAIVED}:
            with pytest.raises(GateSettled):
                after(before, said)
        else:
            assert after(before, said).status is expected
    if status in {GateStatus.PLANNED, GateStatus.FAILED}:
        assert before.waived().status is GateStatus.WAIVED
    else:
        with pytest.raises(InvalidTransition):
            before.waived()


def test_a_verdict_is_kept_with_what_was_found() -> None:
    finding = Finding(number=2, state=WAIVED, remark="客户不需要", evidence="DOC-17")

    done = after(gate(PASSED, OPEN), review(GateVerdict.PASSED, finding, comment="可以上线"))

    (kept,) = done.reviews
    assert (kept.number, kept.verdict, kept.comment) == (1, GateVerdict.PASSED, "可以上线")
    assert (kept.reviewed_at, kept.reviewed_by) == (NOW, "user:x")
    assert (kept.results, kept.conditions) == ((PASSED, WAIVED), ())
    assert done.checklist[1] == CheckItem(
        number=2, text="条目 2", mandatory=True, state=WAIVED, remark="客户不需要", evidence="DOC-17"
    )


def test_findings_without_a_verdict_are_put_down_only() -> None:
    noted = after(gate(OPEN, OPEN), review(None, Finding(number=1, state=FAILED)))

    assert [item.state for item in noted.checklist] == [FAILED, OPEN]
    assert (noted.status, noted.reviews) == (GateStatus.PLANNED, ())


@given(st.lists(st.sampled_from(CheckState), min_size=1, max_size=8), st.integers(0, 8))
def test_a_gate_passes_exactly_if_its_mandatory_items_are_good(states: list[CheckState], optional: int) -> None:
    before = gate(*states, optional=min(optional, len(states)))
    mandatory = [item for item in before.checklist if item.mandatory]
    bad = [item for item in mandatory if item.state in {OPEN, FAILED}]
    unjudged = [item for item in mandatory if item.state is OPEN]

    if bad:
        assert refusal(before, review(GateVerdict.PASSED)) == [("/verdict", "item_not_passed")] * len(bad)
    else:
        assert after(before, review(GateVerdict.PASSED)).status is GateStatus.PASSED
    conditional = review(GateVerdict.PASSED_WITH_CONDITIONS, conditions=1)
    if unjudged:
        assert refusal(before, conditional) == [("/verdict", "item_not_judged")] * len(unjudged)
    else:
        assert after(before, conditional).status is GateStatus.PASSED_WITH_CONDITIONS


def test_what_contradicts_itself_is_refused_place_by_place() -> None:
    findings = (
        Finding(number=1, state=PASSED),
        Finding(number=1, state=FAILED),
        Finding(number=9, state=PASSED),
        Finding(number=2, state=WAIVED),
    )

    assert refusal(gate(OPEN, OPEN), review(GateVerdict.FAILED, *findings, conditions=1)) == [
        ("/findings/1/number", "item_judged_twice"),
        ("/findings/2/number", "unknown_item"),
        ("/findings/3/remark", "waiver_unexplained"),
        ("/conditions", "conditions_too_much"),
        ("/comment", "comment_missing"),
    ]
    assert refusal(gate(PASSED), review(GateVerdict.PASSED_WITH_CONDITIONS)) == [("/conditions", "conditions_missing")]


def test_refusals_speak_the_language_of_who_asks() -> None:
    with pytest.raises(VerdictDoesNotFit) as refused:
        after(gate(PASSED, OPEN), review(GateVerdict.PASSED), "zh")

    assert refused.value.errors[0].detail == "必查条目 2 未通过且未豁免。"


def test_reviews_end_somewhere() -> None:
    failing = review(GateVerdict.FAILED, comment="再来")
    current = gate(PASSED)
    for _ in range(MOST_REVIEWS):
        current = after(current, failing)

    with pytest.raises(TooManyReviews):
        after(current, failing)
    assert [one.number for one in current.reviews] == list(range(1, MOST_REVIEWS + 1))
    assert after(current, review(None, Finding(number=1, state=FAILED))).checklist[0].state is FAILED


def test_only_reviewers_review_where_some_are_named() -> None:
    reviewer, stranger = new_id(), new_id()

    gate(OPEN).expect_reviewer(stranger)
    gate(OPEN).with_(reviewer_ids=(reviewer,)).expect_reviewer(reviewer)
    with pytest.raises(NotAReviewer):
        gate(OPEN).with_(reviewer_ids=(reviewer,)).expect_reviewer(stranger)
