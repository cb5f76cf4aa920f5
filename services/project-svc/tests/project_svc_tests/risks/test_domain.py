import pytest

from crm_contracts.project.v1 import RiskCategory, RiskStatus
from crm_platform.errors import InvalidTransition
from crm_platform.ids import new_id
from project_svc.risk_scales.domain import READY_MADE as SCALE
from project_svc.risks.domain import Risk


def risk(probability: int, impact: int, *, threshold: int = 12, status: RiskStatus = RiskStatus.OPEN) -> Risk:
    made = Risk(
        id=new_id(),
        project_id=new_id(),
        customer_id=new_id(),
        title="汇率波动",
        category=RiskCategory.COST,
        probability=probability,
        impact=impact,
        score=probability * impact,
        threshold=threshold,
        status=status,
    )
    return made.evaluated()


@pytest.mark.parametrize("status", list(RiskStatus))
def test_an_assessment_in_each_state(status: RiskStatus) -> None:
    if status is RiskStatus.CLOSED:
        with pytest.raises(InvalidTransition):
            risk(1, 1, status=status).assessed(SCALE, impact=2)
    else:
        assert risk(1, 1, status=status).assessed(SCALE, impact=2).status is status
        assert risk(1, 1, status=status).assessed(SCALE, response="hedge").status is RiskStatus.MITIGATING


@pytest.mark.parametrize("status", list(RiskStatus))
def test_closing_in_each_state(status: RiskStatus) -> None:
    if status is RiskStatus.CLOSED:
        with pytest.raises(InvalidTransition):
            risk(1, 1, status=status).closed()
    else:
        assert risk(1, 1, status=status).closed().status is RiskStatus.CLOSED


def test_what_an_assessment_does_not_name_stays() -> None:
    before = risk(2, 3).assessed(SCALE, response="hedge")

    after = before.assessed(SCALE, probability=4)

    assert (after.probability, after.impact, after.score, after.response) == (4, 3, 12, "hedge")


@pytest.mark.parametrize(
    ("before", "after", "exceeded", "alarm"),
    [
        ((2, 2), (2, 5), False, False),
        ((2, 2), (3, 4), True, True),
        ((3, 4), (4, 3), True, False),
        ((3, 4), (5, 5), True, True),
        ((5, 5), (4, 4), True, False),
        ((5, 5), (1, 1), False, False),
    ],
    ids=["below", "reaches it", "the same score above", "rises above", "falls but stays above", "falls below"],
)
def test_when_somebody_has_to_be_told(
    before: tuple[int, int], after: tuple[int, int], *, exceeded: bool, alarm: bool
) -> None:
    judged = risk(*before).assessed(SCALE, probability=after[0], impact=after[1])

    assert (judged.exceeded, judged.alarms(risk(*before))) == (exceeded, alarm)
