"""Use cases of closing reports, and what closing a project asks of them."""

import asyncio
import hashlib
from uuid import UUID

from crm_contracts.closing.v1 import (
    ClosingReportIssued,
    ClosingReportRejected,
    ClosingReportSigned,
    ClosingReportStatus,
    ClosingReportSubmitted,
    ClosingReportWithdrawn,
    CriterionFinding,
)
from crm_platform.ids import new_id
from crm_platform.reads import Reader, Rendered
from crm_platform.uow import UnitOfWork
from project_svc.closing_reports import repository
from project_svc.closing_reports.assembly.content import content_of
from project_svc.closing_reports.domain import ClosingReport, unsigned, verdicts_on
from project_svc.closing_reports.errors import ProjectNotOver, ReportInReview, ReportMissing
from project_svc.closing_reports.models import CLOSING_REPORTS
from project_svc.closing_reports.schemas import ClosingFormat, ClosingReportCreate, ClosingReportRead, VerdictGiven
from project_svc.closing_rules import service as closing_rules
from project_svc.known_customers import service as known_customers
from project_svc.projects import service as projects
from project_svc.report_pages.closing import ClosingContent
from project_svc.report_pages.closing_words import worded
from project_svc.report_pages.html import page
from project_svc.report_pages.typeset import pdf

__all__ = ["check_closable", "document", "reject_report", "sign_report", "submit_report", "withdraw_report"]


async def submit_report(unit: UnitOfWork, body: ClosingReportCreate) -> Rendered:
    """Draw up the report of a project that is over, and ask those who have to sign it.

    Raises:
        UnknownProject: There is none that the caller may see.
        ProjectNotOver: It goes on.
        ReportInReview: Another one waits for signatures.
        VerdictsUnfit: Not every success criterion has its verdict.
        OwnSignature: The caller would sign what they have drawn up.
    """
    project = await projects.expect(unit, body.project_id)
    if project.status not in projects.ENDED:
        raise ProjectNotOver(status=project.status.value)
    await _expect_none_in_review(unit, project.id)
    verdicts = verdicts_on(project.success_criteria, _found(body.verdicts), len(body.verdicts))
    signatures = unsigned(body.signer_ids, unit.caller.id)
    content = await content_of(
        unit.connection,
        project,
        customer=await known_customers.name_of(unit, project.customer_id),
        summary=body.summary,
        verdicts=verdicts,
        signer_ids=tuple(one.signer_id for one in signatures),
        at=unit.now,
    )
    kept = content.model_dump_json()
    report = ClosingReport(
        id=new_id(),
        owner_id=project.owner_id,
        team_id=project.team_id,
        project_id=project.id,
        number=await repository.last_number(unit.connection, project.id) + 1,
        summary=body.summary,
        verdicts=verdicts,
        signatures=signatures,
        made_at=unit.now,
        content_sha256=hashlib.sha256(kept.encode()).hexdigest(),
    )
    rendered = await unit.insert(CLOSING_REPORTS, report, ClosingReportSubmitted)
    await repository.keep_content(unit.connection, report.id, kept)
    return rendered


def _found(given: tuple[VerdictGiven, ...]) -> dict[int, tuple[CriterionFinding, str | None]]:
    return {one.criterion: (one.finding, one.comment) for one in given}


async def sign_report(unit: UnitOfWork, id: UUID, *, if_match: object, comment: str | None) -> Rendered:
    """Sign a report; with the last signature it is issued.

    Raises:
        NotASigner: The caller need not sign it.
        AlreadyDecided: The caller has signed.
        InvalidTransition: It is issued, rejected or withdrawn.
    """
    before = await unit.load(CLOSING_REPORTS, id, if_match=if_match)
    after = before.signed(unit.caller.id, at=unit.now, comment=comment)
    event = ClosingReportIssued if after.status is ClosingReportStatus.ISSUED else ClosingReportSigned
    return await unit.update(CLOSING_REPORTS, before, after, event)


async def reject_report(unit: UnitOfWork, id: UUID, *, if_match: object, comment: str) -> Rendered:
    """Do not sign a report, so that another is drawn up; raises what :func:`sign_report` raises."""
    before = await unit.load(CLOSING_REPORTS, id, if_match=if_match)
    after = before.rejected(unit.caller.id, at=unit.now, comment=comment)
    return await unit.update(CLOSING_REPORTS, before, after, ClosingReportRejected, reason=comment)


async def withdraw_report(unit: UnitOfWork, id: UUID, *, if_match: object, reason: str | None) -> Rendered:
    """Take a report back before all have signed.

    Raises:
        InvalidTransition: It is issued, rejected or withdrawn.
    """
    before = await unit.load(CLOSING_REPORTS, id, if_match=if_match)
    return await unit.update(CLOSING_REPORTS, before, before.withdrawn(), ClosingReportWithdrawn, reason=reason)


async def document(reader: Reader, id: UUID, kind: ClosingFormat) -> bytes:
    """A report as a file: what it said when it was made, and who has signed since.

    Raises:
        NotFound: There is no such report that the caller may see.
    """
    shown = ClosingReportRead.model_validate_json((await reader.get(CLOSING_REPORTS.resource, id)).body)
    async with reader.open() as connection:
        kept = await repository.content_of(connection, id)
    if kind is ClosingFormat.JSON:
        return kept.encode()
    report = worded(
        ClosingContent.model_validate_json(kept),
        report=shown.number,
        digest=shown.content_sha256,
        signatures=shown.signatures,
        language=reader.caller.language,
    )
    if kind is ClosingFormat.HTML:
        return page(report).encode()
    return await asyncio.to_thread(pdf, report, at=shown.made_at)


async def check_closable(unit: UnitOfWork, project_id: UUID) -> None:
    """Refuse to close a project, which the caller has locked, whose report is not as the company wants it.

    Raises:
        ReportInReview: It waits for signatures.
        ReportMissing: The company wants one, and there is none.
    """
    await _expect_none_in_review(unit, project_id)
    if (await closing_rules.in_force(unit.connection)).report_required:
        issued = await repository.number_in(unit.connection, project_id, ClosingReportStatus.ISSUED)
        if issued is None:
            raise ReportMissing


async def _expect_none_in_review(unit: UnitOfWork, project_id: UUID) -> None:
    number = await repository.number_in(unit.connection, project_id, ClosingReportStatus.IN_REVIEW)
    if number is not None:
        raise ReportInReview(number=number)
