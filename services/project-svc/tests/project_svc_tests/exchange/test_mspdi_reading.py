"""Microsoft Project files as they are, and as nobody should send them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from project_svc.exchange.mspdi.document import FileCalendar, FileLink, FileRate, FileTask, Left, ProjectFile
from project_svc.exchange.mspdi.reading import read
from project_svc.exchange.mspdi.values import MspdiError
from project_svc.scheduling.calendars.rules import Span
from project_svc.scheduling.network.plan import ConstraintKind, LinkKind

DATA = Path(__file__).resolve().parents[6] / "shared" / "data" / "msproject_xml"


def _read(name: str) -> ProjectFile:
    return read(BytesIO((DATA / name).read_bytes()))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_links_of_all_kinds_with_their_lags() -> None:
    kinds = LinkKind.FINISH_TO_START, LinkKind.START_TO_START, LinkKind.FINISH_TO_FINISH, LinkKind.START_TO_FINISH
    lags = 0, 480, 0, 0
    expected = [
        FileLink(before=number, after=number + 1, kind=kind, lag=lag)
        for number, (kind, lag) in enumerate(zip(kinds, lags, strict=True), start=1)
    ]
    assert list(_read("mspdirelations.xml").links) == expected


def test_lags_of_other_units_are_minutes() -> None:
    found = [
        (link.before, link.after, link.kind.value, link.lag) for link in _read("task-links-project2019-mspdi.xml").links
    ]
    assert found == [
        (1, 2, "FS", 0),
        (3, 4, "FS", 480),
        (5, 6, "FS", 960),
        (7, 8, "FS", 2400),
        (9, 10, "FS", 4800),
        (11, 12, "SF", 960),
        (13, 14, "SS", 960),
        (15, 16, "FF", 960),
    ]


def test_the_outline_of_a_real_project() -> None:
    file = _read("sample.xml")
    assert (file.title, file.start, len(file.tasks)) == ("sample", _at("2003-01-07T08:00"), 19)
    names = {task.uid: task.name for task in file.tasks}
    children = {(names.get(task.parent or 0), task.name) for task in file.tasks}
    assert len(children) == 19
    assert {task.name for task in file.tasks if task.summary} == {
        names[task.parent] for task in file.tasks if task.parent
    }


def test_baselines() -> None:
    """As MPXJ 15 reads them: money is in hundredths here too."""
    (task,) = _read("baselines.xml").tasks
    assert [one.number for one in task.baselines] == list(range(1, 11))
    third = task.baselines[2]
    assert (third.start, third.finish) == (_at("2001-01-03T09:00"), _at("2000-01-03T17:30"))
    assert (third.duration, third.work, third.cost) == (1350, 180, Decimal(3))


def test_rates_hold_for_their_time_and_money_is_in_hundredths() -> None:
    file = _read("mspdicostratetable.xml")
    ever, changed, end = _at("1984-01-01T00:00"), _at("2009-06-15T08:00"), _at("2049-12-31T23:59")
    first = FileRate(since=ever, until=changed, standard=Decimal(5), overtime=Decimal(10), per_use=Decimal(15))
    second = FileRate(since=changed, until=end, standard=Decimal(1200), overtime=Decimal(25), per_use=Decimal(30))
    assert [resource.rates for resource in file.resources] == [
        (),
        (FileRate(since=ever, until=end, standard=Decimal(5), overtime=Decimal(10), per_use=Decimal(15)),),
        (first, second),
    ]
    assert file.left == {Left.OTHER_RATE_TABLES: 2}


def test_availability() -> None:
    found = [
        [(str(one.since.date()), str(one.until.date()), str(one.units)) for one in resource.availability]
        for resource in _read("mspdiavailability.xml").resources
    ]
    assert found == [
        [],
        [("2009-06-01", "2009-07-01", "1"), ("2009-07-02", "2009-08-01", "0.6"), ("2009-08-20", "2009-08-30", "0.75")],
    ]


def _free(calendar: FileCalendar, name: str) -> list[date]:
    chosen = [one for one in calendar.exceptions if one.name == name]
    return [one.first + timedelta(days) for one in chosen for days in range((one.last - one.first).days + 1)]


RECURRING: Mapping[str, list[str]] = {
    "Daily 1": ["2000-01-01", "2000-01-02", "2000-01-03"],
    "Daily 2": ["2000-02-01", "2000-02-04", "2000-02-07", "2000-02-10"],
    "Weekly 1 Monday": ["2001-01-01", "2001-01-08", "2001-01-15"],
    "Weekly 5 Friday": [
        *("2001-01-05", "2001-02-09", "2001-03-16", "2001-04-20", "2001-05-25", "2001-06-29", "2001-08-03"),
    ],
    "Monthly Relative 2": ["2002-01-08", "2002-04-09", "2002-07-09", "2002-10-08"],
    "Yearly Relative 1": ["2004-03-02", "2005-03-01", "2006-03-07", "2007-03-06"],
    "Yearly Absolute 2": ["2005-03-02", "2006-03-02", "2007-03-02", "2008-03-02"],
}
"""As MPXJ 15 expands them."""


@pytest.mark.parametrize("name", RECURRING)
def test_days_of_exceptions_that_repeat(name: str) -> None:
    (calendar,) = _read("calendar-recurring-exceptions-project2016-mspdi.xml").calendars
    assert [str(day) for day in _free(calendar, name)] == RECURRING[name]


def test_calendars_of_people_differ_from_those_they_stand_on() -> None:
    calendars = {one.name: one for one in _read("calendar-calendars-project2019-mspdi.xml").calendars}
    office = (Span(480, 720), Span(780, 1020))
    assert calendars["Standard"].week == (office,) * 5 + ((), ())
    assert (calendars["Resource One"].base, calendars["Resource One"].week) == (1, (None,) * 7)


def test_what_a_plan_does_not_know_is_counted() -> None:
    assert _read("sample.xml").left == {Left.RECURRING_TASKS: 1, Left.TIMEPHASED: 2, Left.UNASSIGNED: 15}


def _project(inner: str) -> bytes:
    return f"<Project><StartDate>2026-05-06T08:00:00</StartDate>{inner}</Project>".encode()


def _task(uid: int, inner: str = "", level: int = 1) -> str:
    return f"<Task><UID>{uid}</UID><Name>任务{uid}</Name><OutlineLevel>{level}</OutlineLevel>{inner}</Task>"


def _refused(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(MspdiError) as refused:
        read(BytesIO(content))
    return [(problem.place, problem.message.en) for problem in refused.value.problems]


ENTITIES = b'<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Project><Title>&b;</Title></Project>'
FOREIGN = b'<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/hostname">]><Project><Title>&a;</Title></Project>'


@pytest.mark.parametrize("content", [ENTITIES, FOREIGN])
def test_no_document_type_declaration_is_read(content: bytes) -> None:
    assert _refused(content) == [("DOCTYPE", "a document type declaration is not allowed")]


def test_what_is_no_such_file_is_refused() -> None:
    assert _refused(b"") == [("line 0", "is no XML that can be read: no element found")]
    assert _refused(b"<html/>") == [("html", "is no Microsoft Project XML file: its root is not Project")]
    ((place, message),) = _refused(b"<Project>" + b"<a>" * 100_000)
    assert (place, message[:61]) == ("line 1", "is no XML that can be read: Excessive depth in document: 256,")


def test_a_deep_outline_is_no_deep_document() -> None:
    tasks = "".join(_task(number, level=number) for number in range(1, 3_001))
    file = read(BytesIO(_project(f"<Tasks>{tasks}</Tasks>")))
    assert [task.parent for task in file.tasks] == [None, *range(1, 3_000)]


def test_every_value_that_cannot_be_is_told_with_its_place() -> None:
    odd = "<Duration>-PT8H0M0S</Duration><Priority>5000</Priority><FixedCost>NaN</FixedCost>"
    dates = "<Start>tomorrow</Start><Deadline>9999-01-01T08:00:00</Deadline><Work>8 hours</Work>"
    content = _project(f"<Tasks>{_task(1, odd)}{_task(1, dates)}</Tasks>")
    assert _refused(content) == [
        ("Task 1/Duration", "is not from 0 to 100000000 minutes"),
        ("Task 1/Priority", "is no whole number from 0 to 1000"),
        ("Task 1/FixedCost", "is no number that can be used"),
        ("Task 1/Work", "is no duration such as PT8H0M0S"),
        ("Task 1/Start", "is no date and time such as 2026-05-01T08:00:00"),
        ("Task 1/Deadline", "is not between 1950-01-01 and 2250-01-01"),
        ("Task 1", "is there more than once"),
    ]


def test_it_stops_counting_what_is_wrong() -> None:
    tasks = "".join(_task(number, "<Duration>x</Duration>") for number in range(1, 500))
    assert len(_refused(_project(f"<Tasks>{tasks}</Tasks>"))) == 100


def test_rows_that_are_no_tasks_are_passed_over_with_their_links() -> None:
    link = "<PredecessorLink><PredecessorUID>2</PredecessorUID></PredecessorLink>"
    rows = _task(1) + _task(2, "<IsNull>1</IsNull>", 2) + _task(3, "<Active>0</Active>", 2) + _task(4, link, 2)
    file = read(BytesIO(_project(f"<Tasks>{rows}</Tasks>")))
    assert [(task.uid, task.parent) for task in file.tasks] == [(1, None), (4, 1)]
    assert file.links == ()
    assert file.left == {Left.BLANK_ROWS: 1, Left.INACTIVE_TASKS: 1, Left.EMPTY_LINKS: 1}


def test_an_encoding_other_than_utf8_is_the_declared_one() -> None:
    content = '<?xml version="1.0" encoding="GBK"?>' + _project(f"<Tasks>{_task(7)}</Tasks>").decode()
    (task,) = read(BytesIO(content.encode("gbk"))).tasks
    assert task == FileTask(uid=7, name="任务7", constraint=ConstraintKind.AS_SOON_AS_POSSIBLE)


def test_a_lag_may_be_a_share_of_the_predecessor() -> None:
    lag = "<LinkLag>-50</LinkLag><LagFormat>19</LagFormat>"
    link = f"<PredecessorLink><PredecessorUID>1</PredecessorUID>{lag}</PredecessorLink>"
    (found,) = read(BytesIO(_project(f"<Tasks>{_task(1)}{_task(2, link)}</Tasks>"))).links
    assert found == FileLink(before=1, after=2, percent=Decimal(-50))
