"""The content of a closing report."""

import asyncio
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.closing.v1 import SuccessVerdict
from crm_contracts.outcome.v1 import OutcomeStatus
from crm_platform.companies import zone_of
from crm_platform.currencies import minor_unit
from crm_platform.db import Connection
from project_svc.closing_reports.assembly import rows
from project_svc.earned_value.values import number
from project_svc.lessons import service as lessons
from project_svc.monitoring import service as monitoring
from project_svc.outcomes import service as outcomes
from project_svc.projects import service as projects
from project_svc.report_pages.closing import ClosingContent, EarnedValue, LessonLine, OutcomeLine, Progress
from project_svc.scheduling.calendars.zones import moment_of

_PLACES = Decimal("0.0001")
_MONEY: Final = ("cost", "cost_delta")
_CHARTER: Final = (
    *("contract_reference", "status", "starts_on", "due_on", "completed_at", "manager_id", "member_ids"),
    *("objectives", "scope_in", "scope_out", "budget"),
)


async def content_of(
    connection: Connection,
    project: projects.Project,
    *,
    customer: str | None,
    summary: str,
    verdicts: tuple[SuccessVerdict, ...],
    signer_ids: tuple[UUID, ...],
    at: datetime,
) -> ClosingContent:
    """All that a report of a project says, as this transaction sees it."""
    found: dict[str, Any] = {
        name: [_line(row) for row in await rows.list_of(connection, name, project.id)] for name in rows.LISTS
    }
    found["outcomes"] = [
        _outcome(one)
        for one in await outcomes.of_project(connection, project.id)
        if one.status is not OutcomeStatus.DROPPED
    ]
    learned = await lessons.of_project(connection, project.id, limit=rows.MOST + 1)
    found["lessons"] = [LessonLine.model_validate(one) for one in learned]
    people = [*project.member_ids, *signer_ids, *([project.manager_id] if project.manager_id else [])]
    return ClosingContent(
        **{name: getattr(project, name) for name in _CHARTER},
        project_id=project.id,
        project=project.name,
        customer=customer,
        made_at=at,
        time_zone=(await zone_of(connection)).key,
        people=await rows.names_of(connection, people),
        summary=summary,
        verdicts=verdicts,
        spent=tuple(Money(**row) for row in await rows.spent_on(connection, project.id)),
        value=await _value(connection, project.id, at),
        progress=Progress(**await rows.progress_of(connection, project.id)),
        more=tuple(name for name, members in found.items() if len(members) > rows.MOST),
        **{name: tuple(members[: rows.MOST]) for name, members in found.items()},
    )


def _line(row: Any) -> dict[str, Any]:
    """A row as the model of the content takes it: with amounts of money in one."""
    values = dict(row)
    for name in _MONEY:
        if f"{name}_amount" in values:
            amount, currency = values.pop(f"{name}_amount"), values.pop(f"{name}_currency")
            values[name] = None if amount is None else Money(amount=amount, currency=currency)
    return values


def _outcome(one: outcomes.Outcome) -> OutcomeLine:
    verdict = one.reviews[-1].verdict if one.reviews else one.evaluation.verdict if one.evaluation else None
    return OutcomeLine(
        name=one.name,
        unit=one.unit,
        baseline=one.baseline,
        target=one.target,
        actual=one.actual,
        attainment=one.attainment,
        verdict=None if verdict is None else verdict.value,
        review_on=one.review_on,
    )


async def _value(connection: Connection, project_id: UUID, at: datetime) -> EarnedValue | None:
    account = (await monitoring.accounts(connection, [project_id], at)).get(project_id)
    return None if account is None else await asyncio.to_thread(_earned, account, at)


def _earned(account: monitoring.Account, at: datetime) -> EarnedValue:
    value, moment = account.books.value(), moment_of(at)
    amounts, timing = value.amounts(moment), value.timing(moment)
    spi, cpi, spi_of_time = (
        found and found.quantize(_PLACES, ROUND_HALF_UP)
        for found in (number(amounts.spi), number(amounts.cpi), None if timing is None else number(timing.spi))
    )
    names = ("bac", "pv", "ev", "ac", "sv", "cv")
    return EarnedValue(
        currency=account.books.currency,
        **{name: getattr(amounts, name).quantize(minor_unit(account.books.currency), ROUND_HALF_UP) for name in names},
        spi=spi,
        cpi=cpi,
        spi_of_time=spi_of_time,
    )
