"""A real project of the OR-AS database (Batselier, Vanhoucke, 2015): its dates, what its resources cost, its curve."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from project_svc.earned_value.package import Accrual, Package, Report
from project_svc.earned_value.project import ProjectValue
from project_svc.scheduling.baselines import Cost
from project_svc.scheduling.calendars.rules import Rules
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Link, LinkKind, Plan, Task
from project_svc_tests.earned_value.building import these

FILE = Path(__file__).parents[6] / "shared" / "data" / "oras_dslib" / "C2011-09_Commercial_IT_Project.xlsx"
HOUR, DAY = 60, 480
START = moment_of(datetime(2010, 10, 19, 8, tzinfo=UTC))
CLOCK = WorkTime(Rules(), datetime(2010, 10, 19, tzinfo=UTC).date())

pytestmark = [
    pytest.mark.skipif(not FILE.is_file(), reason=f"the data set {FILE.parent.name} is not here"),
    pytest.mark.filterwarnings("ignore:.*:UserWarning"),  # openpyxl: extensions that it does not know
]


def moment(*parts: int) -> int:
    return moment_of(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc] # as many as there are


def minutes(text: str) -> int:
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([dh])", text)}
    return parts.get("d", 0) * DAY + parts.get("h", 0) * HOUR


def demands(text: str | None) -> Iterator[tuple[str, Decimal]]:
    """Whom a task needs, and how many of them: `Programmers[2.00 #3]; Secretary`."""
    for part in (text or "").split(";"):
        name, _, units = part.partition("[")
        if name:
            yield name, Decimal(units.split(" ")[0]) if units else Decimal(1)


class Workbook:
    """The tasks of the file, scheduled and costed by us."""

    def __init__(self) -> None:
        book = load_workbook(FILE, data_only=True)
        rates = {row[1]: Decimal(row[5]) for row in book["Resources"].iter_rows(min_row=3, values_only=True)}
        self.whole, *self.rows = list(book["Baseline Schedule"].iter_rows(min_row=3, values_only=True))
        tasks = [Task(id=str(row[0]), duration=minutes(str(row[7]))) for row in self.rows]
        links = [
            Link(before=before, after=str(row[0]), kind=LinkKind(kind))
            for row in self.rows
            for before, kind in re.findall(r"(\d+)(FS|SS|FF|SF)", str(row[3] or ""))
        ]
        self.schedule = scheduled(Plan(start=START, tasks=tasks, links=links))
        self.costs = {
            str(row[0]): Cost(Decimal(str(row[10])), sum((rates[n] * u for n, u in demands(row[8])), Decimal(0)))
            for row in self.rows
        }

    def project(self, accrual: Accrual, reports: Any = None) -> ProjectValue:
        packages = []
        for row in self.rows:
            id, length = str(row[0]), minutes(str(row[7]))
            dates, cost = self.schedule.dates[id], self.costs[id]
            packages.append(
                Package(
                    id=id,
                    start=dates.start,
                    finish=dates.finish,
                    clock=CLOCK,
                    variable=cost.of(length) - cost.fixed,
                    fixed=cost.fixed,
                    accrual=accrual,
                    reports=(reports or {}).get(id, ()),
                )
            )
        return ProjectValue(packages=packages, clock=CLOCK, parents={package.id: "0" for package in packages})


@pytest.fixture(scope="module")
def book() -> Workbook:
    return Workbook()


def test_each_task_costs_what_its_resources_cost(book: Workbook) -> None:
    found = {str(row[0]): book.costs[str(row[0])].of(minutes(str(row[7]))) for row in book.rows}

    assert found == {str(row[0]): Decimal(str(row[13])) for row in book.rows}
    assert len(found) == 41


def test_the_baseline_has_the_finish_and_the_cost_of_its_own_tool(book: Workbook) -> None:
    whole = book.project(Accrual.PRORATED)
    end = moment(2011, 1, 5, 14)
    time = whole.timing(end)
    assert time is not None

    assert datetime_of(book.schedule.finish) == datetime(2011, 1, 5, 14, tzinfo=UTC)
    assert (time.pd, time.pd) == (56 * DAY + 5 * HOUR, minutes(str(book.whole[7])))
    assert (whole.amounts(end).pv, whole.amounts(end).bac) == (Decimal("33622.8"), Decimal("33622.8"))
    assert whole.amounts(end - 1).pv < Decimal("33622.8")
    assert whole.by_task(end)["0"].bac == Decimal(str(book.whole[13]))


@pytest.mark.parametrize(
    ("accrual", "by_then"), [(Accrual.PRORATED, "11140.4"), (Accrual.START, "20890.4"), (Accrual.END, "7890.4")]
)
def test_planned_value_at_noon_of_the_thirty_second_day(book: Workbook, accrual: Accrual, by_then: str) -> None:
    """Done are 22, 23, 24 and 1; of 39 and 40 a quarter is due, of 2 four hours of seven, of 3 half."""
    whole = book.project(accrual)

    assert whole.amounts(moment(2010, 11, 25, 17)).pv == Decimal(7000)
    assert whole.amounts(moment(2010, 12, 1, 12)).pv == Decimal(by_then)


def test_earned_schedule_of_a_project_that_is_two_days_late(book: Workbook) -> None:
    """The market was explored in twelve days instead of ten, and nothing else has begun."""
    finished = moment(2010, 11, 3, 17)
    report = Report(finished, Decimal(100), started=START, finished=finished)
    whole = book.project(Accrual.PRORATED, {"22": [report]})
    time = whole.timing(finished)
    assert time is not None

    assert these(time.es, time.at, time.sv) == (10 * DAY, 12 * DAY, -2 * DAY)
    assert datetime_of(time.moment) == datetime(2010, 11, 2, 8, tzinfo=UTC)
    assert time.ieac == pytest.approx(Decimal("1.2") * time.pd)
    finish = time.finish(time.ieac)
    assert isinstance(finish, int)
    assert datetime_of(finish) == datetime(2011, 1, 20, 16, 36, tzinfo=UTC)  # 543.6 hours: 67 days and 7.6 hours
    assert time.adherence == 1
