"""Use case of outcome reports."""

import asyncio
from datetime import datetime
from uuid import UUID

from crm_contracts.outcome.v1 import OutcomeStatus
from crm_platform.companies import zone_of
from crm_platform.reads import Reader
from project_svc.known_surveys import service as known_surveys
from project_svc.outcome_reports import repository
from project_svc.outcomes import service as outcomes
from project_svc.projects import service as projects
from project_svc.report_pages.formats import ReportFormat
from project_svc.report_pages.html import page
from project_svc.report_pages.outcomes import Accepted, OutcomeReport, Result, worded
from project_svc.report_pages.typeset import pdf


async def outcome_report(reader: Reader, project_id: UUID, kind: ReportFormat, *, now: datetime) -> bytes:
    """The report of a project as a file, in the caller's language.

    Raises:
        NotFound: There is no such project that the caller may see.
    """
    await projects.check_visible(reader, project_id)
    report = worded(await _gather(reader, project_id, now), reader.caller.language)
    if kind is ReportFormat.HTML:
        return page(report).encode()
    return await asyncio.to_thread(pdf, report, at=now)


async def _gather(reader: Reader, project_id: UUID, now: datetime) -> OutcomeReport:
    async with reader.open() as connection:
        project = await repository.project(connection, project_id)
        accepted = await repository.accepted(connection, project_id)
        found = await outcomes.of_project(connection, project_id)
        zone = await zone_of(connection)
        scores = (await known_surveys.scores_of(connection, [project_id])).get(project_id, [])
    return OutcomeReport(
        project_id=project_id,
        project=project["name"],
        customer=project["customer"],
        starts_on=project["starts_on"],
        due_on=project["due_on"],
        completed_at=project["completed_at"],
        made_at=now,
        zone=zone,
        deliveries=[Accepted(**dict(row)) for row in accepted],
        results=[_result(one) for one in found if one.status is not OutcomeStatus.DROPPED],
        answers=len(scores),
        satisfaction=outcomes.satisfaction(scores),
        loyalty=outcomes.loyalty(scores),
    )


def _result(outcome: outcomes.Outcome) -> Result:
    evaluation, reviews = outcome.evaluation, outcome.reviews
    verdict = reviews[-1].verdict if reviews else evaluation.verdict if evaluation else None
    return Result(
        name=outcome.name,
        unit=outcome.unit,
        baseline=outcome.baseline,
        target=outcome.target,
        actual=outcome.actual,
        measured_on=outcome.measurements[-1].measured_on if outcome.measurements else None,
        attainment=outcome.attainment,
        verdict=None if verdict is None else verdict.value,
        summary=evaluation.summary if evaluation else None,
        benefit=outcome.benefit,
        ratio=outcome.benefit_cost_ratio,
        review_on=outcome.review_on,
        lessons=tuple(review.lessons for review in reviews if review.lessons),
    )
