"""A real project of the OR-AS database (Batselier, Vanhoucke, 2015): every date of its own tool, to the minute."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from project_svc.scheduling.baselines import Cost, baseline_of
from project_svc.scheduling.calendars.worktime import WorkTime
from project_svc.scheduling.calendars.zones import datetime_of, moment_of
from project_svc.scheduling.network.cpm import scheduled
from project_svc.scheduling.network.plan import Link, LinkKind, Plan, Task

FILE = Path(__file__).parents[6] / "shared" / "data" / "oras_dslib" / "C2011-09_Commercial_IT_Project.xlsx"
HOUR, DAY = 60, 480


def minutes(text: str) -> int:
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([dh])", text)}
    return parts.get("d", 0) * DAY + parts.get("h", 0) * HOUR


@pytest.mark.skipif(not FILE.is_file(), reason=f"the data set {FILE.parent.name} is not here")
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # openpyxl: the workbook has extensions that it does not know
def test_every_date_and_the_cost_are_those_of_its_own_tool() -> None:
    sheet = load_workbook(FILE, data_only=True)["Baseline Schedule"]
    whole, *rows = list(sheet.iter_rows(min_row=3, values_only=True))
    tasks = [Task(id=str(row[0]), duration=minutes(str(row[7]))) for row in rows]
    links = [
        Link(before=before, after=str(row[0]), kind=LinkKind(kind))
        for row in rows
        for before, kind in re.findall(r"(\d+)(FS|SS|FF|SF)", str(row[3] or ""))
    ]
    assert (len(tasks), len(links)) == (41, 51)
    start = moment_of(datetime(2010, 10, 19, 8, tzinfo=UTC))
    plan = Plan(start=start, tasks=tasks, links=links)
    schedule = scheduled(plan)
    expected = {str(row[0]): (row[5], row[6]) for row in rows}
    found = {
        name: tuple(datetime_of(moment).replace(tzinfo=None) for moment in (dates.start, dates.finish))
        for name, dates in schedule.dates.items()
    }
    assert found == expected
    assert datetime_of(schedule.finish) == datetime(2011, 1, 5, 14, tzinfo=UTC)
    assert WorkTime(plan.calendars["standard"], datetime_of(start).date()).between(start, schedule.finish) == minutes(
        str(whole[7])
    )
    costs = {
        str(row[0]): Cost(Decimal(str(row[9] or 0)) + Decimal(str(row[10])), Decimal(str(row[11]))) for row in rows
    }
    assert baseline_of(plan, schedule, costs).cost == Decimal("33622.8") == Decimal(str(whole[13]))
