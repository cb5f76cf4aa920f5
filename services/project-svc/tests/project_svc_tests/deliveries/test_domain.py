from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contracts.delivery.v1 import CriterionVerdict, DecisionChannel, DeemedAcceptance, Verdict
from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.acceptance.deadlines import last_day_to_decide
from project_svc.acceptance.decision import Decision, Finding, PointLeft, numbered
from project_svc.acceptance.errors import CriteriaNotMet, UnknownCountry, UnknownCriterion
from project_svc.acceptance.networks import network_of
from project_svc.acceptance.versions import Submission
from project_svc.deliveries.domain import MAX_VERSIONS, Delivery
from project_svc.deliveries.errors import DeliveryNotEditable, TooManyVersions, UnknownOpenPoint

NOW = datetime(2024, 5, 6, 23, 59, tzinfo=UTC)
ACTIONS = ("start", "submit", "accept", "accept_conditionally", "reject", "settle", "cancel")
LEGAL = {
    ("planned", "start"): "in_progress",
    ("in_progress", "submit"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "accept_conditionally"): "conditionally_accepted",
    ("submitted", "reject"): "rejected",
    ("conditionally_accepted", "settle"): "accepted",
    ("conditionally_accepted", "reject"): "rejected",
    ("rejected", "submit"): "submitted",
    ("planned", "cancel"): "cancelled",
    ("in_progress", "cancel"): "cancelled",
    ("submitted", "cancel"): "cancelled",
    ("conditionally_accepted", "cancel"): "cancelled",
    ("rejected", "cancel"): "cancelled",
}
VERDICTS = {
    "accept": Verdict.ACCEPTED,
    "accept_conditionally": Verdict.CONDITIONALLY_ACCEPTED,
    "reject": Verdict.REJECTED,
}
POINT = PointLeft("培训记录补签", date(2024, 6, 1))
BY_X: dict[str, Any] = {"at": NOW, "on": NOW.date(), "by": "user:x"}


def delivery(status: str = "submitted", *, due_on: date = date(2024, 5, 6), **fields: Any) -> Delivery:
    made = Delivery(
        id=new_id(),
        project_id=new_id(),
        customer_id=new_id(),
        name="需求说明书",
        acceptance_criteria=("双方签字", "无严重缺陷"),
        due_on=due_on,
        **fields,
    )
    if status in {"submitted", "accepted", "rejected", "conditionally_accepted"}:
        made = made.with_(status=DeliveryStatus.IN_PROGRESS).submit(Submission(), at=NOW, on=NOW.date(), by="user:y")
    return (
        step(made, "accept_conditionally")
        if status == "conditionally_accepted"
        else made.with_(status=DeliveryStatus(status), rejection_reason="too short" if status == "rejected" else None)
    )


def decision(verdict: Verdict = Verdict.ACCEPTED, *findings: Finding, **fields: Any) -> Decision:
    points = (POINT,) if verdict is Verdict.CONDITIONALLY_ACCEPTED else ()
    given = {"channel": DecisionChannel.STAFF, "comment": "why", "open_points": points, **fields}
    return Decision(verdict=verdict, findings=findings, **given)


def step(state: Delivery, action: str) -> Delivery:
    if action in VERDICTS:
        return state.decide(decision(VERDICTS[action]), **BY_X)
    if action == "submit":
        return state.submit(Submission(), **BY_X)
    if action == "settle":
        return state.settle(1, at=NOW, on=NOW.date(), by="user:z", note="done")
    return state.move(action, reason="why")


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_each_action_in_each_state(status: DeliveryStatus, action: str) -> None:
    following = LEGAL.get((status.value, action))
    before = delivery(status.value)

    if following is None:
        with pytest.raises(InvalidTransition):
            step(before, action)
    else:
        after = step(before, action)
        assert after.status == following
        assert after.submissions == before.submissions + (action == "submit")
        accepted = (NOW, "user:x") if following == "accepted" else (None, None)
        assert (after.accepted_at, after.accepted_by) == accepted
        kept = "too short" if (status, action) == ("rejected", "cancel") else None
        assert after.rejection_reason == ("why" if action == "reject" else kept)
        assert after.cancellation_reason == ("why" if action == "cancel" else None)


@pytest.mark.parametrize(
    ("due_on", "on_time"), [(date(2024, 5, 5), False), (date(2024, 5, 6), True), (date(2024, 5, 7), True)]
)
def test_on_time_is_accepted_by_the_end_of_the_due_day(due_on: date, *, on_time: bool) -> None:
    assert step(delivery(due_on=due_on), "accept").on_time is on_time


def test_every_submission_is_a_version_and_begins_anew() -> None:
    one = delivery()
    refused = one.decide(decision(Verdict.REJECTED, Finding(2, CriterionVerdict.NOT_MET, "崩溃")), **BY_X)
    again = refused.submit(Submission(notes="修复"), **BY_X)

    assert [(item.id, item.verdict, item.comment) for item in refused.criteria] == [
        (1, CriterionVerdict.PENDING, None),
        (2, CriterionVerdict.NOT_MET, "崩溃"),
    ]
    assert [version.number for version in again.versions] == [1, 2]
    assert again.versions[0] == refused.versions[0]
    assert again.versions[0].decision is not None
    assert again.versions[0].decision.criteria == refused.criteria
    assert again.versions[1].decision is None
    assert {item.verdict for item in again.criteria} == {CriterionVerdict.PENDING}
    assert again.versions[0].fingerprint != again.versions[1].fingerprint
    # {"criteria":[…],"evidence":[],"name":"需求说明书","notes":null}, hashed by sha256sum
    assert again.versions[0].fingerprint == "d9bf000f638ce2e09984890bba8d3167ee2da441908b68aa95b14535332ff553"


def test_the_story_of_a_delivery_stays_small_enough_to_travel() -> None:
    full = delivery("rejected").with_(versions=delivery().versions * MAX_VERSIONS)

    with pytest.raises(TooManyVersions):
        full.submit(Submission(), **BY_X)


def test_what_fails_a_criterion_is_not_accepted_without_condition() -> None:
    failed = Finding(2, CriterionVerdict.NOT_MET, "崩溃")

    with pytest.raises(CriteriaNotMet) as refused:
        delivery().decide(decision(Verdict.ACCEPTED, failed), **BY_X)
    with pytest.raises(UnknownCriterion):
        delivery().decide(decision(Verdict.REJECTED, Finding(3, CriterionVerdict.MET)), **BY_X)
    conditional = delivery().decide(decision(Verdict.CONDITIONALLY_ACCEPTED, failed), **BY_X)

    assert refused.value.detail("en") == "Criteria 2 are not met: accept with `open_points`, or reject."
    assert [item.verdict for item in conditional.criteria] == [CriterionVerdict.MET, CriterionVerdict.NOT_MET]
    assert [(point.id, point.description, point.settled_at) for point in conditional.open_points] == [
        (1, "培训记录补签", None)
    ]
    assert conditional.accepted_at is None


def test_with_the_last_open_point_it_is_accepted_by_whoever_did_so_conditionally() -> None:
    two = decision(Verdict.CONDITIONALLY_ACCEPTED, open_points=(POINT, PointLeft("报告", date(2024, 6, 2))))
    conditional = delivery(due_on=date(2024, 5, 7)).decide(two, at=NOW, on=NOW.date(), by="contact:c")
    later = NOW + timedelta(days=1)

    half = conditional.settle(2, at=NOW, on=NOW.date(), by="user:a", note=None)
    with pytest.raises(UnknownOpenPoint):
        half.settle(2, at=NOW, on=NOW.date(), by="user:a", note=None)
    whole = half.settle(1, at=later, on=later.date(), by="user:b", note="已签")

    assert (half.status, half.accepted_at) == (DeliveryStatus.CONDITIONALLY_ACCEPTED, None)
    assert (whole.status, whole.accepted_at, whole.accepted_by) == (DeliveryStatus.ACCEPTED, later, "contact:c")
    assert whole.on_time is True
    assert [(point.settled_by, point.note) for point in whole.open_points] == [("user:b", "已签"), ("user:a", None)]


def test_what_is_agreed_changes_while_nobody_looks_at_it_only() -> None:
    planned = delivery("planned")

    changed = planned.amended({"acceptance_criteria": ("无严重缺陷", "有手册")})

    assert [(item.id, item.description) for item in changed.criteria] == [(2, "无严重缺陷"), (3, "有手册")]
    for status in ("submitted", "conditionally_accepted", "accepted", "cancelled"):
        with pytest.raises(DeliveryNotEditable):
            delivery(status).amended({"name": "x"})


@given(st.lists(st.text(min_size=1), max_size=8), st.lists(st.text(min_size=1), max_size=8))
def test_ids_of_criteria_are_unique_and_stay_with_their_wording(old: list[str], new: list[str]) -> None:
    before = numbered(old)
    after = numbered(new, before)

    assert [one.description for one in after] == new
    assert len({one.id for one in after}) == len(new)
    known = {one.id: one.description for one in before}
    assert all(known.get(one.id, one.description) == one.description for one in after)
    assert set(new) & set(old) <= {one.description for one in after if one.id in known}


def test_working_days_to_decide_know_the_national_holiday_and_its_make_up_days() -> None:
    # 2024-10-01..07 are holidays in China; Saturday 12 October is worked instead (State Council, 2023-10-25).
    five = DeemedAcceptance(working_days=5, country="CN")

    assert last_day_to_decide(five, date(2024, 9, 30)) == date(2024, 10, 12)
    assert last_day_to_decide(five.model_copy(update={"country": "US"}), date(2024, 9, 30)) == date(2024, 10, 7)
    with pytest.raises(UnknownCountry):
        last_day_to_decide(five.model_copy(update={"country": "QQ"}), date(2024, 9, 30))


def test_nobody_decided_from_the_day_after_the_last_day_on() -> None:
    rule = DeemedAcceptance(working_days=3)
    waiting = delivery(deemed_acceptance=rule)

    assert waiting.deemed_on == date(2024, 5, 9)
    assert [waiting.is_deemed(date(2024, 5, day)) for day in (9, 10)] == [False, True]
    refused = step(waiting, "reject")
    assert (refused.deemed_on, refused.is_deemed(date(2024, 6, 1))) == (None, False)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", None),
        ("testclient", None),
    ],
)
def test_of_an_address_its_network_is_kept(address: str, network: str | None) -> None:
    assert network_of(address) == network
