"""Use cases of risks; endpoints and other slices call the same functions."""

from collections.abc import Sequence
from uuid import UUID

from crm_contracts.project.v1 import RiskAssessed, RiskClosed, RiskRaised, RiskThresholdExceeded
from crm_platform.context import Cause
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import ANY_VERSION, UnitOfWork
from project_svc.projects import service as projects
from project_svc.risks import repository
from project_svc.risks.domain import Risk, Threat
from project_svc.risks.models import RISKS
from project_svc.risks.schemas import Assessment, RiskCreate

__all__ = ["Threat", "assess_risk", "close_risk", "count_open", "raise_risk", "raise_risks"]


async def raise_risk(unit: UnitOfWork, body: RiskCreate) -> Rendered:
    """Enter a risk of a project.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectEnded: It is over.
    """
    project = await projects.expect_open(unit, body.project_id)
    threat = Threat(title=body.title, category=body.category, probability=body.probability, impact=body.impact)
    risk = _risk(project, threat)
    rendered = await unit.insert(RISKS, risk, RiskRaised)
    if not risk.evaluated().exceeded:
        return rendered
    raised = await unit.load(RISKS, risk.id, if_match=ANY_VERSION)
    return await unit.update(RISKS, raised, raised.evaluated(), RiskThresholdExceeded)


async def raise_risks(
    unit: UnitOfWork, threats: Sequence[tuple[projects.Project, Threat]], *, causes: Sequence[Cause]
) -> None:
    """Give new projects their risk registers.

    A risk is raised before it is held against the threshold, so one over it is told of twice: `risk.raised`,
    then `risk.threshold_exceeded`. Who listens to the second alone misses none.
    """
    risks = [_risk(project, threat) for project, threat in threats]
    raised = await unit.insert_many(RISKS, risks, RiskRaised, causes=causes)
    # Only what exceeds the threshold differs by the evaluation, and only what differs is written.
    evaluated = [(risk, risk.evaluated()) for risk in raised]
    await unit.update_many(RISKS, evaluated, RiskThresholdExceeded, causes=causes)


async def assess_risk(unit: UnitOfWork, id: UUID, body: Assessment, *, if_match: object) -> Rendered:
    """Judge a risk anew.

    Raises:
        InvalidTransition: It is closed.
    """
    before = await unit.load(RISKS, id, if_match=if_match)
    after = before.assessed(probability=body.probability, impact=body.impact, response=body.response)
    event = RiskThresholdExceeded if after.alarms(before) else RiskAssessed
    return await unit.update(RISKS, before, after, event, reason=body.reason)


async def close_risk(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Record that a risk is over.

    Raises:
        InvalidTransition: It was closed before.
    """
    before = await unit.load(RISKS, id, if_match=if_match)
    return await unit.update(RISKS, before, before.closed(), RiskClosed, reason=reason)


async def count_open(unit: UnitOfWork, project_id: UUID) -> int:
    """How many risks of a project are not closed."""
    return await repository.count_open(unit.connection, project_id)


def _risk(project: projects.Project, threat: Threat) -> Risk:
    """A risk of ``project``, seen by whom the project is seen, not held against the threshold yet."""
    return Risk(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        title=threat.title,
        category=threat.category,
        probability=threat.probability,
        impact=threat.impact,
        score=threat.probability * threat.impact,
        threshold=project.risk_threshold,
    )
