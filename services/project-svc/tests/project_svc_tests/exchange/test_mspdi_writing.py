"""What is written is read again as it was."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from project_svc.exchange.mspdi.document import (
    FileAssignment,
    FileBaseline,
    FileCalendar,
    FileException,
    FileLink,
    FileRate,
    FileResource,
    FileTask,
    ProjectFile,
    ResourceKind,
)
from project_svc.exchange.mspdi.reading import read
from project_svc.exchange.mspdi.resources import ALWAYS
from project_svc.exchange.mspdi.writing import write
from project_svc.scheduling.calendars.rules import Span
from project_svc.scheduling.network.plan import ConstraintKind, LinkKind

DATA = Path(__file__).resolve().parents[6] / "shared" / "data" / "msproject_xml"
FILES = sorted(path.name for path in DATA.glob("*.xml"))


def _again(file: ProjectFile) -> ProjectFile:
    return read(BytesIO(write(file)))


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_comes_back_without_loss(name: str) -> None:
    file = read(BytesIO((DATA / name).read_bytes()))
    assert _again(file) == replace(file, left={})


def test_there_are_such_files() -> None:
    assert len(FILES) == 11


MOMENTS = st.integers(0, 60 * 24 * 365 * 40).map(
    lambda minutes: datetime.combine(ALWAYS[0].date(), time.min) + timedelta(minutes=minutes)
)
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=20).map(
    lambda text: " ".join(text.split())
)
MINUTES = st.integers(0, 1_000_000)
AMOUNTS = st.integers(0, 10**10).map(lambda cents: Decimal(cents) / 100)
SPANS = st.sampled_from([(), (Span(480, 720), Span(780, 1020)), (Span(0, 1440),), (Span(1320, 1800),)])


@st.composite
def exceptions(draw: st.DrawFn) -> FileException:
    """Of a few days."""
    first = draw(MOMENTS).date()
    return FileException(
        first=first, last=first + timedelta(draw(st.integers(0, 9))), spans=draw(SPANS), name=draw(TEXTS)
    )


@st.composite
def tasks(draw: st.DrawFn, uid: int) -> FileTask:
    """With a parent before it, or none."""
    parents = st.none() if uid == 1 else st.one_of(st.none(), st.just(uid - 1))
    baseline = st.builds(
        FileBaseline,
        number=st.integers(0, 10),
        start=MOMENTS,
        finish=MOMENTS,
        duration=MINUTES,
        work=MINUTES,
        cost=AMOUNTS,
    )
    return draw(
        st.builds(
            FileTask,
            uid=st.just(uid),
            name=TEXTS,
            parent=parents,
            wbs=st.one_of(st.none(), st.just(f"W{uid}")),
            milestone=st.booleans(),
            duration=MINUTES,
            elapsed=st.booleans(),
            work=MINUTES,
            start=st.one_of(st.none(), MOMENTS),
            constraint=st.sampled_from(ConstraintKind),
            constraint_date=st.one_of(st.none(), MOMENTS),
            deadline=st.one_of(st.none(), MOMENTS),
            priority=st.integers(0, 1000),
            percent_complete=st.integers(0, 100),
            actual_start=st.one_of(st.none(), MOMENTS),
            remaining=st.one_of(st.none(), MINUTES),
            fixed_cost=AMOUNTS,
            notes=TEXTS,
            baselines=st.lists(baseline, max_size=2).map(tuple),
        )
    )


@st.composite
def files(draw: st.DrawFn) -> ProjectFile:
    """Of up to five tasks, each under the one before it or at the top."""
    count = draw(st.integers(1, 5))
    rate = st.builds(FileRate, since=MOMENTS, until=MOMENTS, standard=AMOUNTS, overtime=AMOUNTS, per_use=AMOUNTS)
    resource = st.builds(
        FileResource,
        uid=st.just(1),
        name=TEXTS,
        kind=st.sampled_from(ResourceKind),
        group=TEXTS,
        email=TEXTS,
        max_units=AMOUNTS,
        rates=st.lists(rate, min_size=1, max_size=2).map(tuple),
    )
    link = st.builds(
        FileLink,
        before=st.just(1),
        after=st.just(2),
        kind=st.sampled_from(LinkKind),
        lag=st.integers(-9_999, 9_999),
        elapsed=st.booleans(),
    )
    assignment = st.builds(
        FileAssignment,
        task=st.just(1),
        resource=st.just(1),
        units=AMOUNTS,
        work=MINUTES,
        actual_work=MINUTES,
        cost=AMOUNTS,
    )
    calendar = st.builds(
        FileCalendar,
        uid=st.just(1),
        name=TEXTS,
        week=st.tuples(*[st.one_of(st.none(), SPANS)] * 7),
        exceptions=st.lists(exceptions(), max_size=3).map(tuple),
    )
    return ProjectFile(
        title=draw(TEXTS),
        start=draw(MOMENTS),
        status=draw(st.one_of(st.none(), MOMENTS)),
        calendar=1,
        calendars=(draw(calendar),),
        tasks=tuple(draw(tasks(uid)) for uid in range(1, count + 1)),
        links=(draw(link),) if count > 1 else (),
        resources=(draw(resource),),
        assignments=(draw(assignment),),
    )


@settings(max_examples=40)
@given(files())
def test_whatever_is_written_is_read_again(file: ProjectFile) -> None:
    assert _again(file) == file


def test_times_of_the_day_are_written_as_xml_schema_has_them() -> None:
    """Others take a calendar of times without seconds for one without working time, as MPXJ 15 does."""
    week = ((Span(480, 720),), *((),) * 6)
    written = write(ProjectFile(title="", start=ALWAYS[0], calendars=(FileCalendar(uid=1, name="周一", week=week),)))
    assert b"<FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime>" in written


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    file = ProjectFile(title="上线\x00\x1b计划\ufffe🚀", start=ALWAYS[0])
    assert _again(file).title == "上线计划🚀"


def test_an_outline_of_any_depth_is_written_in_its_size() -> None:
    tasks = tuple(FileTask(uid=uid, name="任务", parent=uid - 1 or None) for uid in range(1, 2_001))
    file = ProjectFile(title="deep", start=ALWAYS[0], tasks=tasks)
    written = write(file)
    assert len(written) < 2_000_000
    assert read(BytesIO(written)) == file
