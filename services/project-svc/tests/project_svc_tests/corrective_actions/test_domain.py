from datetime import UTC, date, datetime, timedelta

import pytest

from crm_contracts.control.v1 import ActionKind, ActionSource, ActionStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.corrective_actions.domain import CorrectiveAction
from project_svc.corrective_actions.errors import ActionSettled

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
OPEN, IN_PROGRESS, DONE, VERIFIED, CANCELLED = ActionStatus


def action(status: ActionStatus = OPEN, due_on: date = date(2026, 3, 10)) -> CorrectiveAction:
    return CorrectiveAction(
        id=new_id(),
        project_id=new_id(),
        kind=ActionKind.PREVENTIVE,
        title="增加回归测试",
        source=ActionSource.OTHER,
        due_on=due_on,
        status=status,
    )


POSSIBLE = {
    (OPEN, "start"): IN_PROGRESS,
    (IN_PROGRESS, "finish"): DONE,
    (DONE, "start"): IN_PROGRESS,
    (DONE, "verify"): VERIFIED,
    (OPEN, "cancel"): CANCELLED,
    (IN_PROGRESS, "cancel"): CANCELLED,
    (DONE, "cancel"): CANCELLED,
}


@pytest.mark.parametrize("step", ["start", "finish", "verify", "cancel"])
@pytest.mark.parametrize("status", list(ActionStatus))
def test_each_step_in_each_state(status: ActionStatus, step: str) -> None:
    if (status, step) in POSSIBLE:
        assert action(status).move(step, at=NOW, today=NOW.date(), by="user:x").status is POSSIBLE[status, step]
    else:
        with pytest.raises(InvalidTransition):
            action(status).move(step, at=NOW, today=NOW.date(), by="user:x")


def test_steps_say_when_and_by_whom() -> None:
    finished = action(IN_PROGRESS).move("finish", at=NOW, today=NOW.date(), by="user:x")
    verified = finished.move("verify", at=NOW + timedelta(days=1), today=NOW.date(), by="user:y")

    assert (finished.done_at, finished.verified_at) == (NOW, None)
    assert (verified.done_at, verified.verified_at, verified.verified_by) == (NOW, NOW + timedelta(days=1), "user:y")
    assert finished.move("start", at=NOW, today=NOW.date(), by="user:x").done_at is None


@pytest.mark.parametrize(
    ("status", "due_on", "overdue"),
    [
        (OPEN, date(2026, 3, 10), False),
        (OPEN, date(2026, 3, 9), True),
        (IN_PROGRESS, date(2026, 3, 9), True),
        (DONE, date(2026, 3, 9), False),
        (VERIFIED, date(2026, 3, 9), False),
        (CANCELLED, date(2026, 3, 9), False),
    ],
)
def test_what_is_not_done_by_the_end_of_its_day_is_overdue(
    status: ActionStatus, due_on: date, *, overdue: bool
) -> None:
    assert action(status, due_on).judged(NOW.date()).overdue is overdue


def test_what_is_settled_stays_and_a_later_day_helps() -> None:
    late = action(due_on=date(2026, 3, 9)).judged(NOW.date())

    assert late.changed({"due_on": date(2026, 3, 10)}, today=NOW.date()).overdue is False
    for status in (VERIFIED, CANCELLED):
        with pytest.raises(ActionSettled):
            action(status).changed({"title": "x"}, today=NOW.date())
