"""Use cases of monitoring, and what the monitors need of it."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from crm_contracts.base import Money
from crm_contracts.execution.v1 import IssueSeverity
from crm_platform.clock import utc_now
from crm_platform.companies import zone_of
from crm_platform.days import day_of
from crm_platform.db import Connection
from crm_platform.reads import Reader
from project_svc.earned_value.indicators import Amounts
from project_svc.earned_value.package import Accrual
from project_svc.earned_value.project import ProjectValue
from project_svc.earned_value.timing import Timing
from project_svc.earned_value.values import Reason, Value
from project_svc.issues import service as issues
from project_svc.monitoring import repository
from project_svc.monitoring.domain import Books, Earning
from project_svc.monitoring.errors import NoBaseline
from project_svc.monitoring.reading.accounts import Account, accounts
from project_svc.monitoring.schemas import (
    Chart,
    CurvePointRead,
    CurvesRead,
    EarnedValueRead,
    Health,
    HealthRead,
    PortfolioProjectRead,
    PortfolioRead,
    PortfolioTotalRead,
    WorkPackageRead,
)
from project_svc.monitoring.showing import figures
from project_svc.monitoring.showing.draw import burn_down, s_curve
from project_svc.monitoring.showing.health import HealthReason, judged, worst
from project_svc.projects import service as projects
from project_svc.scheduling.calendars.zones import datetime_of, moment_of

__all__ = [
    "DERIVED",
    "Account",
    "Health",
    "HealthReason",
    "Worth",
    "accounts",
    "curves",
    "drawn",
    "earned_value",
    "health",
    "measures",
    "portfolio",
    "verdicts",
    "worst",
    "worths",
]

DERIVED = frozenset(
    {
        *("spi", "cpi", "schedule_spi", "percent_complete", "percent_spent"),
        *("risk_ratio", "risk_total", "open_issues", "critical_issues"),
    }
)
"""Metrics that follow from what is on record of a project."""

MOST_PROJECTS = 200
"""Of a portfolio."""


async def earned_value(
    reader: Reader, project_id: UUID, *, at: datetime | None, earning: Earning, accrual: Accrual
) -> EarnedValueRead:
    """Earned value of a project, and of each of its tasks.

    Raises:
        NotFound: There is no such project, or not for this caller.
        NoBaseline: Nothing was planned that could be earned.
    """
    account, when = await _account(reader, project_id, at)
    return await asyncio.to_thread(_earned_value, account, when, earning, accrual)


async def curves(reader: Reader, project_id: UUID, *, at: datetime | None) -> CurvesRead:
    """The curves of a project; raises what :func:`earned_value` raises."""
    account, when = await _account(reader, project_id, at)
    return await asyncio.to_thread(_curves, account, when)


async def drawn(reader: Reader, project_id: UUID, chart: Chart, *, at: datetime | None) -> str:
    """A chart of a project as SVG; raises what :func:`earned_value` raises."""
    account, when = await _account(reader, project_id, at)
    draw = s_curve if chart is Chart.S_CURVE else burn_down
    return await asyncio.to_thread(
        lambda: draw(account.name, _curves(account, when), reader.caller.language, account.books.zone)
    )


async def portfolio(reader: Reader, *, at: datetime | None) -> PortfolioRead:
    """Earned value of the projects that the caller may see and that are under way or completed."""
    when = at or utc_now()
    async with reader.open() as connection:
        ids = await repository.under_way(connection, reader.caller, limit=MOST_PROJECTS + 1)
        found = await accounts(connection, ids[:MOST_PROJECTS], when)
    known = [found[id] for id in ids if id in found]
    rows, totals = await asyncio.to_thread(_portfolio, known, moment_of(when))
    return PortfolioRead(as_of=at, totals=totals, projects=rows, truncated=len(ids) > MOST_PROJECTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a project with a baseline is worth at some moment.

    Attributes:
        currency: Of the amounts.
        amounts: Of the whole project.
        timing: Its earned schedule; None without work packages.
        indices: Those that are defined, by the name of the metric.
    """

    currency: str
    amounts: Amounts
    timing: Timing | None
    indices: Mapping[str, Decimal]


async def worths(connection: Connection, ids: Sequence[UUID], at: datetime) -> dict[UUID, Worth]:
    """What projects are worth, by id; those without a baseline that has tasks are absent."""
    found = await accounts(connection, ids, at)
    return await asyncio.to_thread(lambda: {id: _worth(account, at) for id, account in found.items()})


async def measures(
    connection: Connection, ids: Sequence[UUID], at: datetime, valued: Mapping[UUID, Worth] | None = None
) -> dict[UUID, dict[str, Decimal]]:
    """The metrics of projects; what is not defined, such as an index without a baseline, is absent.

    Args:
        connection: Where they are read.
        ids: Of the projects.
        at: The moment.
        valued: What :func:`worths` says of them at that moment, where that is known already.
    """
    found = await worths(connection, ids, at) if valued is None else valued
    counts = await issues.counts_open(connection, ids)
    risks = await repository.risk_totals(connection, ids)
    return {
        id: {
            **(found[id].indices if id in found else {}),
            "risk_total": Decimal(risks.get(id, 0)),
            "open_issues": Decimal(sum(counts.get(id, {}).values())),
            "critical_issues": Decimal(counts.get(id, {}).get(IssueSeverity.CRITICAL, 0)),
        }
        for id in ids
    }


def _worth(account: Account, at: datetime) -> Worth:
    moment = moment_of(at)
    value = account.books.value()
    amounts, timing = value.amounts(moment), value.timing(moment)
    found: dict[str, Value] = {
        "spi": amounts.spi,
        "cpi": amounts.cpi,
        "percent_complete": amounts.percent_complete,
        "percent_spent": amounts.percent_spent,
        "risk_ratio": account.books.simple(value, moment).risk_ratio,
    }
    if timing is not None:
        found["schedule_spi"] = timing.spi
    indices = {name: value for name, value in found.items() if not isinstance(value, Reason)}
    return Worth(currency=account.books.currency, amounts=amounts, timing=timing, indices=indices)


async def health(reader: Reader, project_id: UUID) -> HealthRead:
    """How a project stands, and why.

    Raises:
        NotFound: There is no such project, or not for this caller.
    """
    await projects.check_visible(reader, project_id)
    now = utc_now()
    async with reader.open() as connection:
        found = await measures(connection, [project_id], now)
        reasons = (await verdicts(connection, found, day_of(now, await zone_of(connection))))[project_id]
    return HealthRead(
        project_id=project_id,
        at=now,
        health=worst(reasons),
        reasons=[reason.shown(reader.caller.language) for reason in reasons],
    )


async def verdicts(
    connection: Connection, measured: Mapping[UUID, Mapping[str, Decimal]], today: date
) -> dict[UUID, list[HealthReason]]:
    """Why projects do not stand green, given what :func:`measures` says of them; the worst reason first."""
    ids = list(measured)
    facts = await repository.facts(connection, ids, today)
    watched = await repository.alerts(connection, ids)
    return {id: judged(measured[id], facts[id], watched.get(id, ())) for id in ids if id in facts}


async def _account(reader: Reader, project_id: UUID, at: datetime | None) -> tuple[Account, datetime]:
    await projects.check_visible(reader, project_id)
    when = at or utc_now()
    async with reader.open() as connection:
        found = await accounts(connection, [project_id], when)
    if project_id not in found:
        raise NoBaseline
    return found[project_id], when


def _earned_value(account: Account, when: datetime, earning: Earning, accrual: Accrual) -> EarnedValueRead:
    books, moment = account.books, moment_of(when)
    value = books.value(earning, accrual)
    amounts, timing = value.amounts(moment), value.timing(moment)
    if timing is None:
        raise NoBaseline
    return EarnedValueRead(
        **figures.shown_amounts(amounts, books.currency),
        project_id=account.project_id,
        as_of=when,
        currency=books.currency,
        method=earning,
        baseline=account.baseline,
        forecasts=figures.shown_forecasts(amounts, books.currency),
        schedule=figures.shown_schedule(timing),
        simple=figures.shown_simple(books.simple(value, moment), books.currency, risk_total=account.risk_total),
        other_costs=[Money(amount=sum_, currency=code) for code, sum_ in sorted(books.other_costs(when).items())],
        work_packages=_packages(books, value, moment),
    )


def _packages(books: Books, value: ProjectValue, moment: int) -> list[WorkPackageRead]:
    names = dict(books.names) | {task.id: task.name for task in books.tasks}
    leaves = {task.id for task in books.tasks}
    found = {UUID(id): amounts for id, amounts in value.by_task(moment).items()}
    return [
        WorkPackageRead(
            **figures.shown_amounts(amounts, books.currency),
            task_id=id,
            parent_id=books.parents.get(id),
            name=names[id],
            is_summary=id not in leaves,
        )
        for id, amounts in found.items()
    ]


def _curves(account: Account, when: datetime) -> CurvesRead:
    books, now = account.books, moment_of(when)
    value = books.value()
    moments = books.moments(when)
    points = [
        CurvePointRead(
            at=datetime_of(point.at),
            pv=figures.cents(point.pv, books.currency),
            ev=None if point.ev is None else figures.cents(point.ev, books.currency),
            ac=None if point.ac is None else figures.cents(point.ac, books.currency),
            work_planned=figures.hours(left.planned),
            work_remaining=None if left.remaining is None else figures.hours(left.remaining),
        )
        for point, left in zip(value.curve(moments, now), value.burn_down(moments, now), strict=True)
    ]
    return CurvesRead(
        project_id=account.project_id,
        as_of=when,
        currency=books.currency,
        bac=figures.cents(value.amounts(now).bac, books.currency),
        points=points,
    )


def _portfolio(accounts: Sequence[Account], moment: int) -> tuple[list[PortfolioProjectRead], list[PortfolioTotalRead]]:
    sums: dict[str, list[Amounts]] = defaultdict(list)
    rows = []
    for account in accounts:
        value = account.books.value()
        amounts, timing = value.amounts(moment), value.timing(moment)
        shown = None if timing is None else figures.shown_schedule(timing)
        sums[account.books.currency].append(amounts)
        rows.append(
            PortfolioProjectRead(
                **figures.shown_amounts(amounts, account.books.currency),
                project_id=account.project_id,
                name=account.name,
                currency=account.books.currency,
                schedule_spi=shown and shown.spi,
                forecast_finish=shown and shown.forecast_finish,
                due_on=account.due_on,
            )
        )
    return rows, [_total(currency, found) for currency, found in sorted(sums.items())]


def _total(currency: str, found: Sequence[Amounts]) -> PortfolioTotalRead:
    whole = sum(found, Amounts())
    return PortfolioTotalRead(
        **figures.shown_amounts(whole, currency),
        currency=currency,
        projects=len(found),
        eac=figures.estimates(whole.eac, currency),
        vac=figures.estimates(whole.vac, currency),
    )
