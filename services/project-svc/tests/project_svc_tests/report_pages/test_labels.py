from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from crm_contracts.change_request.v1 import ChangeCategory, ChangeStatus
from crm_contracts.closing.v1 import ClosingDecision, CriterionFinding, LessonCategory, LessonEffect
from crm_contracts.control.v1 import GateKind, GateStatus
from crm_contracts.execution.v1 import IssueKind, IssueSeverity, IssueStatus
from crm_contracts.outcome.v1 import OutcomeVerdict
from crm_contracts.project.v1 import DeliveryStatus, RiskCategory, RiskStatus
from crm_contracts.risk.v1 import RiskLevel
from project_svc.projects.domain import ENDED
from project_svc.report_pages.closing_labels import VALUES
from project_svc.report_pages.words import moment

SHOWN = (
    *(ChangeCategory, ChangeStatus, ClosingDecision, CriterionFinding, LessonCategory, LessonEffect, GateKind),
    *(GateStatus, IssueKind, IssueSeverity, IssueStatus, OutcomeVerdict, DeliveryStatus, RiskCategory, RiskStatus),
    RiskLevel,
)


@pytest.mark.parametrize("values", SHOWN)
def test_every_value_that_a_report_shows_has_words(values: type[StrEnum]) -> None:
    assert {one.value for one in values} <= VALUES.keys()


def test_so_has_every_state_in_which_a_project_is_over() -> None:
    assert {one.value for one in ENDED} <= VALUES.keys()


def test_a_moment_is_told_by_the_clocks_of_a_zone() -> None:
    at = datetime(2026, 3, 31, 16, 0, 59, tzinfo=UTC)

    told = [moment(at, ZoneInfo(zone)) for zone in ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu")]

    assert told == [
        "2026-03-31 16:00 UTC",
        "2026-04-01 00:00 UTC+08:00",
        "2026-03-31 12:00 UTC-04:00",
        "2026-03-31 21:45 UTC+05:45",
    ]
    assert moment(None, ZoneInfo("UTC")) == "–"
