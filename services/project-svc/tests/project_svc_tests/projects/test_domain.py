from datetime import UTC, date, datetime

import pytest

from crm_contracts.project.v1 import ProjectStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.projects.domain import Project
from project_svc.projects.errors import DueBeforeStart, ProjectEnded, ProjectNotActive

NOW = datetime(2024, 5, 6, 7, tzinfo=UTC)
ACTIONS = ("plan", "approve", "pause", "resume", "complete", "close", "cancel")
LEGAL = {
    ("draft", "plan"): "planned",
    ("draft", "approve"): "active",
    ("planned", "approve"): "active",
    ("planned", "cancel"): "cancelled",
    ("draft", "cancel"): "cancelled",
    ("active", "pause"): "on_hold",
    ("active", "complete"): "completed",
    ("active", "cancel"): "cancelled",
    ("on_hold", "resume"): "active",
    ("on_hold", "cancel"): "cancelled",
    ("completed", "close"): "closed",
}


def project(status: str = "draft") -> Project:
    return Project(
        id=new_id(),
        name="智慧园区",
        customer_id=new_id(),
        status=ProjectStatus(status),
        starts_on=date(2024, 1, 1),
        due_on=date(2024, 1, 1),
    )


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", list(ProjectStatus))
def test_each_action_in_each_state(status: ProjectStatus, action: str) -> None:
    before = project(status)
    following = LEGAL.get((status.value, action))

    if following is None:
        with pytest.raises(
            InvalidTransition, match=f"`{action}` is not possible while the project is `{status.value}`"
        ):
            before.move(action, at=NOW, by="user:x")
    else:
        after = before.move(action, at=NOW, by="user:x")
        assert after.status == following
        assert after.approved_by == ("user:x" if action == "approve" else None)
        assert after.completed_at == (NOW if action == "complete" else None)


@pytest.mark.parametrize("status", list(ProjectStatus))
def test_only_a_project_that_is_not_over_takes_something_new(status: ProjectStatus) -> None:
    if status.value in {"draft", "planned", "active", "on_hold"}:
        project(status).expect_open()
    else:
        with pytest.raises(ProjectEnded):
            project(status).expect_open()


@pytest.mark.parametrize("status", list(ProjectStatus))
def test_only_an_active_project_is_worked_on(status: ProjectStatus) -> None:
    if status is ProjectStatus.ACTIVE:
        project(status).expect_active()
    else:
        with pytest.raises(ProjectNotActive):
            project(status).expect_active()


def test_a_project_may_last_one_day_but_not_less() -> None:
    one_day = project()

    assert one_day.checked() is one_day
    with pytest.raises(DueBeforeStart):
        one_day.with_(due_on=date(2023, 12, 31)).checked()
