from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_contracts.project.v1 import DeliverySnapshot, DeliveryStatus
from crm_contracts.requirement.v1 import RequirementStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from customer_svc.requirements.domain import Requirement
from customer_svc.requirements.errors import HandOverUnderWay, NotConfirmed, RequirementFixed

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROJECT, DELIVERY = new_id(), new_id()
ACTIONS = ("analyse", "confirm", "plan", "deliver", "return", "reject", "reopen")
LEGAL = {
    ("collected", "analyse"): "analysed",
    ("analysed", "confirm"): "confirmed",
    ("confirmed", "plan"): "planned",
    ("planned", "deliver"): "delivered",
    ("planned", "return"): "confirmed",
    ("collected", "reject"): "rejected",
    ("analysed", "reject"): "rejected",
    ("confirmed", "reject"): "rejected",
    ("planned", "reject"): "rejected",
    ("rejected", "reopen"): "collected",
}


def requirement(status: str = "confirmed", **fields: Any) -> Requirement:
    return Requirement(
        **{
            "id": new_id(),
            "number": "RQ-2026-000001",
            "customer_id": new_id(),
            "title": "离线签到",
            "status": RequirementStatus(status),
            **fields,
        }
    )


def waiting(status: str = "confirmed", **fields: Any) -> Requirement:
    return requirement(status, **{"hand_overs": 1, "handed_over_at": NOW, **fields})


def linked(status: str) -> Requirement:
    return waiting(status, project_id=PROJECT, delivery_id=DELIVERY)


def delivery(status: str, *, hand_over: int | None = 1, why: str | None = None) -> DeliverySnapshot:
    fields: dict[str, Any] = dict.fromkeys(
        name for name, field in DeliverySnapshot.model_fields.items() if field.is_required()
    )
    fields |= {"id": DELIVERY, "version": 1, "created_at": NOW, "created_by": "user:x", "updated_at": NOW}
    fields |= {"updated_by": "user:x", "project_id": PROJECT, "customer_id": new_id(), "name": "离线签到"}
    fields |= {"acceptance_criteria": (), "due_on": date(2026, 4, 1), "submissions": 0}
    fields |= {"status": DeliveryStatus(status), "requirement_id": new_id(), "hand_over": hand_over}
    fields |= {"rejection_reason": why, "cancellation_reason": why}
    return DeliverySnapshot(**fields)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", list(RequirementStatus))
def test_each_action_in_each_state(status: RequirementStatus, action: str) -> None:
    following = LEGAL.get((status.value, action))

    if following is None:
        with pytest.raises(InvalidTransition):
            linked(status).move(action)
    else:
        after = linked(status).move(action, reason="why")
        assert (after.status, after.status_reason) == (following, "why")
        over = action in {"reject", "reopen"}
        link = (None, None, None) if over else (NOW, PROJECT, DELIVERY)
        assert (after.handed_over_at, after.project_id, after.delivery_id) == link


@pytest.mark.parametrize("status", list(RequirementStatus))
def test_content_is_fixed_once_it_is_agreed(status: RequirementStatus) -> None:
    owner = new_id()
    before = requirement(status)

    assert before.changed({"owner_id": owner, "title": before.title}).owner_id == owner
    if status in {RequirementStatus.COLLECTED, RequirementStatus.ANALYSED}:
        assert before.changed({"title": "在线签到"}).title == "在线签到"
    else:
        with pytest.raises(RequirementFixed):
            before.changed({"title": "在线签到"})


def test_a_confirmed_requirement_is_handed_over_once() -> None:
    after = requirement(status_reason="project_ended").handed_over(PROJECT, NOW)

    assert (after.status, after.hand_overs, after.handed_over_at) == ("confirmed", 1, NOW)
    assert (after.project_id, after.status_reason) == (PROJECT, None)
    for busy in (after, linked("planned"), linked("confirmed")):
        with pytest.raises(HandOverUnderWay):
            busy.handed_over(None, NOW)
    for status in ("collected", "analysed", "rejected"):
        with pytest.raises(NotConfirmed):
            requirement(status).handed_over(None, NOW)


FATES = [
    # status before, fate of the deliverable, action, status after, reason after, link after
    ("confirmed", "planned", "plan", "planned", None, True),
    ("planned", "rejected", "return", "confirmed", "why", True),
    ("confirmed", "submitted", "plan", "planned", None, True),
    ("planned", "cancelled", "return", "confirmed", "why", False),
    ("confirmed", "cancelled", "return", "confirmed", "why", False),
    ("planned", "accepted", "deliver", "delivered", None, True),
    ("confirmed", "accepted", "deliver", "delivered", None, True),
]


@pytest.mark.parametrize(("before", "fate", "action", "after", "reason", "is_linked"), FATES)
def test_a_requirement_follows_its_deliverable(
    before: str, fate: str, action: str, after: str, reason: str | None, *, is_linked: bool
) -> None:
    move = waiting(before).followed(delivery(fate, why="why"))

    assert move is not None
    assert (move.action, move.after.status, move.after.status_reason, move.reason) == (action, after, reason, reason)
    link = (NOW, PROJECT, DELIVERY) if is_linked else (None, None, None)
    assert (move.after.handed_over_at, move.after.project_id, move.after.delivery_id) == link
    again = move.after.followed(delivery(fate, why="why"))
    assert again is None


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (linked("planned"), delivery("planned")),
        (linked("planned"), delivery("in_progress")),
        (waiting(), delivery("planned", hand_over=None)),
        (waiting(hand_overs=2), delivery("cancelled")),
        (waiting(hand_overs=2), delivery("accepted")),
        (requirement("rejected", hand_overs=1), delivery("planned")),
        (linked("delivered"), delivery("accepted")),
        (requirement(hand_overs=1), delivery("planned")),
    ],
)
def test_a_deliverable_that_is_none_of_its_business_changes_nothing(state: Requirement, told: DeliverySnapshot) -> None:
    assert state.followed(told) is None


def test_a_refusal_ends_the_hand_over_that_it_answers() -> None:
    move = waiting(project_id=PROJECT).refused(1, "project_ended")

    assert move is not None
    assert (move.after.status, move.after.status_reason) == ("confirmed", "project_ended")
    assert (move.after.handed_over_at, move.after.project_id) == (None, None)
    for state in (move.after, waiting(hand_overs=2), linked("planned"), linked("confirmed"), requirement("rejected")):
        assert state.refused(1, "project_ended") is None
