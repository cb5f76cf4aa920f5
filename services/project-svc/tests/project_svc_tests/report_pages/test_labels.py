from enum import StrEnum

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
