from datetime import UTC, date, datetime

import pytest

from crm_contracts.project.v1 import DeliveryStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.deliveries.domain import Delivery

NOW = datetime(2024, 5, 6, 23, 59, tzinfo=UTC)
ACTIONS = ("start", "submit", "accept", "reject", "cancel")
LEGAL = {
    ("planned", "start"): "in_progress",
    ("in_progress", "submit"): "submitted",
    ("submitted", "accept"): "accepted",
    ("submitted", "reject"): "rejected",
    ("rejected", "submit"): "submitted",
    ("planned", "cancel"): "cancelled",
    ("in_progress", "cancel"): "cancelled",
    ("submitted", "cancel"): "cancelled",
    ("rejected", "cancel"): "cancelled",
}


def delivery(status: str, *, due_on: date = date(2024, 5, 6), submissions: int = 0) -> Delivery:
    return Delivery(
        id=new_id(),
        project_id=new_id(),
        customer_id=new_id(),
        name="需求说明书",
        status=DeliveryStatus(status),
        due_on=due_on,
        submissions=submissions,
        rejection_reason="too short" if status == "rejected" else None,
    )


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_each_action_in_each_state(status: DeliveryStatus, action: str) -> None:
    following = LEGAL.get((status.value, action))

    if following is None:
        with pytest.raises(InvalidTransition):
            delivery(status).move(action, at=NOW, by="user:x", reason=None)
    else:
        after = delivery(status).move(action, at=NOW, by="user:x", reason="why")
        assert after.status == following
        assert (after.submissions, after.submitted_at) == ((1, NOW) if action == "submit" else (0, None))
        assert (after.accepted_at, after.accepted_by) == ((NOW, "user:x") if action == "accept" else (None, None))
        kept = "too short" if (status, action) == ("rejected", "cancel") else None
        assert after.rejection_reason == ("why" if action == "reject" else kept)
        assert after.cancellation_reason == ("why" if action == "cancel" else None)


@pytest.mark.parametrize(
    ("due_on", "on_time"), [(date(2024, 5, 5), False), (date(2024, 5, 6), True), (date(2024, 5, 7), True)]
)
def test_on_time_is_accepted_by_the_end_of_the_due_day(due_on: date, *, on_time: bool) -> None:
    accepted = delivery("submitted", due_on=due_on).move("accept", at=NOW, by="user:x", reason=None)

    assert accepted.on_time is on_time


def test_every_submission_counts() -> None:
    assert delivery("rejected", submissions=2).move("submit", at=NOW, by="user:x", reason=None).submissions == 3
