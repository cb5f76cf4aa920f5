"""Use cases of outcomes; endpoints, consumers and the sweep call the same functions."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from crm_contracts.outcome.v1 import (
    Measurement,
    MeasureSource,
    OutcomeDropped,
    OutcomeEvaluated,
    OutcomeEvidence,
    OutcomeMeasured,
    OutcomePlanned,
    OutcomeReviewDue,
    OutcomeReviewed,
    OutcomeUpdated,
)
from crm_platform.companies import today_of
from crm_platform.http.fields import changes_of
from crm_platform.ids import new_id
from crm_platform.reads import Rendered
from crm_platform.uow import UnitOfWork
from project_svc.outcomes import repository
from project_svc.outcomes.domain import FROM_SURVEYS, OVER, Judgement, LookBack, Outcome, loyalty, satisfaction
from project_svc.outcomes.errors import MeasuredByEvents
from project_svc.outcomes.models import OUTCOMES
from project_svc.outcomes.schemas import (
    EvaluationGiven,
    MeasurementGiven,
    OutcomeCreate,
    OutcomeUpdate,
    ReviewGiven,
    Unit,
    agreed,
)
from project_svc.projects import service as projects

__all__ = [
    "Outcome",
    "OutcomeCreate",
    "Unit",
    "count_unreviewed",
    "drop_outcome",
    "evaluate_outcome",
    "follow_surveys",
    "loyalty",
    "measure_outcome",
    "of_project",
    "plan_outcome",
    "review_outcome",
    "satisfaction",
    "tell_due",
    "update_outcome",
]

of_project = repository.of_project

_INDEX = {MeasureSource.SATISFACTION: satisfaction, MeasureSource.LOYALTY: loyalty}


async def plan_outcome(unit: UnitOfWork, body: OutcomeCreate) -> Rendered:
    """Agree on an indicator of a project, also when all is delivered.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectGivenUp: It was cancelled, or closed.
        TargetIsBaseline: The target is not ahead.
        CurrenciesDiffer: Benefit and cost cannot be compared.
    """
    project = await projects.expect_not_closed(unit, body.project_id)
    outcome = Outcome(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        customer_id=project.customer_id,
        **agreed(body),
    )
    return await unit.insert(OUTCOMES, outcome.checked(), OutcomePlanned)


async def update_outcome(unit: UnitOfWork, id: UUID, body: OutcomeUpdate, *, if_match: object) -> Rendered:
    """Change what is agreed.

    Raises:
        OutcomeOver: It was reviewed for the last time, or dropped.
        TargetIsBaseline: The target would not be ahead.
        CurrenciesDiffer: Benefit and cost could not be compared.
    """
    before = await unit.load(OUTCOMES, id, if_match=if_match)
    return await unit.update(OUTCOMES, before, before.amended(changes_of(body)), OutcomeUpdated)


async def measure_outcome(unit: UnitOfWork, id: UUID, body: MeasurementGiven, *, if_match: object) -> Rendered:
    """Record an actual value, typed in by a user or pushed by another system.

    Raises:
        MeasuredByEvents: Its values follow the surveys.
        InvalidTransition: It is over.
        MeasuredInFuture: The value is of a day to come.
        TooManyMeasurements: It has too many.
    """
    before = await unit.load(OUTCOMES, id, if_match=if_match)
    if before.source in FROM_SURVEYS:
        raise MeasuredByEvents(source=before.source.value)
    if before.knows(body.reference):
        return await unit.render(OUTCOMES.resource, id)
    today = await today_of(unit)
    new = Measurement(
        measured_on=body.measured_on or today,
        value=body.value,
        source=MeasureSource.TYPED if unit.caller.kind == "user" else MeasureSource.METRIC,
        reference=body.reference,
        note=body.note,
        recorded_at=unit.now,
        recorded_by=unit.cause.actor,
    )
    return await unit.update(OUTCOMES, before, before.measured(new, today=today), OutcomeMeasured, reason=body.note)


async def follow_surveys(unit: UnitOfWork, scores: Mapping[UUID, Sequence[int]]) -> None:
    """Measure satisfaction and loyalty anew where projects have new answers.

    Args:
        unit: The transaction in which the answers arrive.
        scores: All scores of each project.
    """
    today = await today_of(unit)
    ids = await repository.from_surveys(unit.connection, list(scores))
    found = await unit.find_many(OUTCOMES, ids)
    changes = [
        (one, _followed(unit, one, scores[one.project_id], today)) for one in found.values() if one.status not in OVER
    ]
    changes = [(before, after) for before, after in changes if after.actual != before.actual]
    await unit.update_many(OUTCOMES, changes, OutcomeMeasured)


def _followed(unit: UnitOfWork, outcome: Outcome, scores: Sequence[int], today: date) -> Outcome:
    value = _INDEX[outcome.source](scores)
    if value is None:
        return outcome
    new = Measurement(
        measured_on=today,
        value=value,
        source=outcome.source,
        recorded_at=unit.now,
        recorded_by=unit.cause.actor,
    )
    return outcome.measured(new, today=today)


async def evaluate_outcome(unit: UnitOfWork, id: UUID, body: EvaluationGiven, *, if_match: object) -> Rendered:
    """Judge how far the target was reached.

    Raises:
        InvalidTransition: There is no value, or it is over.
    """
    before = await unit.load(OUTCOMES, id, if_match=if_match)
    evidence = tuple(OutcomeEvidence(name=one.name, url=one.url) for one in body.evidence)
    judgement = Judgement(score=body.score, summary=body.summary, evidence=evidence)
    after = before.evaluated(judgement, at=unit.now, by=unit.cause.actor)
    return await unit.update(OUTCOMES, before, after, OutcomeEvaluated, reason=body.summary)


async def review_outcome(unit: UnitOfWork, id: UUID, body: ReviewGiven, *, if_match: object) -> Rendered:
    """Look back at an outcome.

    Raises:
        InvalidTransition: It is not evaluated.
    """
    before = await unit.load(OUTCOMES, id, if_match=if_match)
    look = LookBack(**dict(body))
    after = before.reviewed(look, at=unit.now, by=unit.cause.actor)
    return await unit.update(OUTCOMES, before, after, OutcomeReviewed, reason=body.notes)


async def drop_outcome(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str) -> Rendered:
    """Want an outcome no more.

    Raises:
        InvalidTransition: It is over already.
    """
    before = await unit.load(OUTCOMES, id, if_match=if_match)
    return await unit.update(OUTCOMES, before, before.dropped(reason), OutcomeDropped, reason=reason)


async def count_unreviewed(unit: UnitOfWork, project_id: UUID) -> int:
    """How many outcomes of a project should have been reviewed by today, and were not."""
    return await repository.count_unreviewed(unit.connection, project_id, await today_of(unit))


async def tell_due(unit: UnitOfWork, *, today: date, limit: int) -> int:
    """Tell whose review is due, once; returns how many were told."""
    found = await unit.find_many(OUTCOMES, await repository.due(unit.connection, today, limit=limit))
    due = [one for one in found.values() if not one.review_due and one.status not in OVER]
    changes = [(one, one.with_(review_due=True)) for one in due if one.review_on is not None and one.review_on <= today]
    await unit.update_many(OUTCOMES, changes, OutcomeReviewDue)
    return len(changes)
