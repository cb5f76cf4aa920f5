from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.base import Money
from crm_contracts.change_request.v1 import (
    ApprovalChannel,
    ApprovalStep,
    ChangeCategory,
    ChangeImpact,
    ChangeStatus,
    StepDecision,
)
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.change_requests.domain import ChangeRequest, Verdict
from project_svc.change_requests.errors import ChangeNotDraft, NotTheApprover, OwnChangeRequest

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
AUTHOR = "user:author"
APPROVED, REJECTED = StepDecision.APPROVED, StepDecision.REJECTED


def yuan(amount: int | str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def impact(*, days: int = 0, cost: int = 0, revision: int = 1) -> ChangeImpact:
    return ChangeImpact(
        plan_revision=revision,
        analysed_at=NOW,
        finishes_before=NOW,
        finishes_after=NOW + timedelta(days=days),
        finish_delta=days * 480,
        cost_before=yuan(0),
        cost_after=yuan(cost),
        cost_delta=yuan(cost),
        critical_before=(),
        critical_after=(),
        tasks_changed=1,
        tasks_added=0,
        tasks_removed=0,
    )


def step(number: int, **fields: object) -> ApprovalStep:
    members = {"number": number, "name": f"step {number}", "channel": ApprovalChannel.CRM, "approver_id": None}
    return ApprovalStep.model_validate({**members, **fields})


def request(*steps: ApprovalStep, status: ChangeStatus = ChangeStatus.DRAFT) -> ChangeRequest:
    return ChangeRequest(
        id=new_id(),
        created_by=AUTHOR,
        project_id=new_id(),
        number=1,
        title="增加移动端",
        rationale="客户要求",
        category=ChangeCategory.SCOPE,
        edits={},
        steps=steps or (step(1),),
        status=status,
    )


def decide(before: ChangeRequest, decision: StepDecision) -> ChangeRequest:
    return before.decided(Verdict(decision=decision, at=NOW, by="user:boss", comment="同意"))


POSSIBLE = {
    ChangeStatus.DRAFT: {"submit", "withdraw"},
    ChangeStatus.SUBMITTED: {"analyse", "decide", "withdraw"},
    ChangeStatus.UNDER_REVIEW: {"analyse", "decide", "withdraw"},
    ChangeStatus.APPROVED: {"analyse", "implement", "withdraw"},
    ChangeStatus.REJECTED: set[str](),
    ChangeStatus.IMPLEMENTED: set[str](),
    ChangeStatus.WITHDRAWN: set[str](),
}
STEPS: dict[str, Callable[[ChangeRequest], ChangeRequest]] = {
    "submit": lambda one: one.submitted(impact(), at=NOW),
    "analyse": lambda one: one.analysed(impact()),
    "decide": lambda one: decide(one, APPROVED),
    "implement": lambda one: one.implemented(new_id(), at=NOW),
    "withdraw": ChangeRequest.withdrawn,
}


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("status", list(ChangeStatus))
def test_each_step_in_each_state(status: ChangeStatus, name: str) -> None:
    before = request(status=status)
    if name in POSSIBLE[status]:
        assert STEPS[name](before).status is not ChangeStatus.DRAFT
    else:
        with pytest.raises(InvalidTransition):
            STEPS[name](before)


def test_only_a_draft_changes_its_content() -> None:
    assert request().changed({"title": "x"}).title == "x"
    for status in set(ChangeStatus) - {ChangeStatus.DRAFT}:
        with pytest.raises(ChangeNotDraft):
            request(status=status).changed({"title": "x"})


@given(st.lists(st.sampled_from(StepDecision), min_size=1, max_size=6))
def test_all_have_to_agree_and_one_is_enough_to_refuse(decisions: list[StepDecision]) -> None:
    current = request(*(step(number) for number in range(1, len(decisions) + 1))).submitted(impact(), at=NOW)
    taken = 0
    for decision in decisions:
        current = decide(current, decision)
        taken += 1
        if decision is REJECTED:
            break

    refused = REJECTED in decisions
    assert current.status is (ChangeStatus.REJECTED if refused else ChangeStatus.APPROVED)
    assert [one.decision for one in current.steps] == decisions[:taken] + [None] * (len(decisions) - taken)
    assert current.decided_at == NOW


def test_a_decision_says_who_and_why() -> None:
    reviewed = decide(request(step(1), step(2)).submitted(impact(days=3, cost=500), at=NOW), APPROVED)

    assert (reviewed.status, reviewed.decided_at) == (ChangeStatus.UNDER_REVIEW, None)
    assert reviewed.steps[0] == step(1, decision="approved", decided_at=NOW, decided_by="user:boss", comment="同意")
    assert (reviewed.agreed_finish, reviewed.agreed_cost) == (NOW + timedelta(days=3), yuan(500))


def test_who_decides() -> None:
    boss, other = new_id(), new_id()
    anybody = request(status=ChangeStatus.SUBMITTED)
    named = request(step(1, approver_id=boss), step(2), status=ChangeStatus.SUBMITTED)
    in_oa = request(step(1, channel=ApprovalChannel.OA), status=ChangeStatus.SUBMITTED)

    anybody.expect_approver(other, "user:other")
    named.expect_approver(boss, "user:boss")
    decide(named, APPROVED).expect_approver(other, "user:other")
    with pytest.raises(OwnChangeRequest):
        anybody.expect_approver(other, AUTHOR)
    with pytest.raises(NotTheApprover):
        named.expect_approver(other, "user:other")
    with pytest.raises(NotTheApprover):
        in_oa.expect_approver(boss, "user:boss")


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_an_approval_holds_for_what_is_no_worse_than_agreed(days: int, cost: int) -> None:
    approved = decide(request().submitted(impact(days=10, cost=100), at=NOW), APPROVED)
    again = impact(days=10 + days, cost=100 + cost, revision=2)

    after = approved.analysed(again)

    assert after.impact == again
    if days > 0 or cost > 0:
        assert (after.status, after.agreed_cost, after.decided_at) == (ChangeStatus.SUBMITTED, None, None)
        assert [one.decision for one in after.steps] == [None]
    else:
        assert (after.status, after.agreed_cost) == (ChangeStatus.APPROVED, yuan(100))
        assert after.steps == approved.steps


def test_another_currency_is_another_agreement() -> None:
    approved = decide(request().submitted(impact(cost=100), at=NOW), APPROVED)
    dollars = impact().model_copy(update={"cost_after": Money(amount=Decimal(1), currency="USD")})

    assert approved.analysed(dollars).status is ChangeStatus.SUBMITTED


def test_before_anybody_has_agreed_an_analysis_only_informs() -> None:
    submitted = request().submitted(impact(days=1), at=NOW)

    assert submitted.analysed(impact(days=9)).status is ChangeStatus.SUBMITTED
