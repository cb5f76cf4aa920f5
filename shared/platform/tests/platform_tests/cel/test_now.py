"""Conditions that read the present moment: both engines agree, and know when the answer changes by time alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from crm_platform.cel import CelError, Field, compile_filter, compile_program, explain, field_map
from crm_platform.db import Query
from platform_tests.cel.samples import FIELDS, ROWS, T, values_of

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TIMED = (
    'now() - seen < duration("24h")',
    'now() - seen <= duration("24h")',
    'seen + duration("24h") > now()',
    "seen < now()",
    "!(seen >= now())",
    "now() == seen",
    'now() > timestamp("2024-07-01T12:00:00Z")',
    'now() in [timestamp("2024-07-01T12:00:00Z"), timestamp("2024-07-02T00:00:00Z")]',
    'closed == null ? now() - seen > duration("12h") : now() - closed < duration("720h")',
    '(active ? seen : closed) + duration("1h") < now() && stage == "won"',
    'now() - duration("48h") <= seen || now() - seen > duration("9000h")',
)


@pytest.mark.parametrize("text", TIMED)
@pytest.mark.parametrize("hours", [-10_000, -24, 0, 24, 5_000])
async def test_both_engines_agree_at_any_moment(connection: asyncpg.Connection, text: str, hours: int) -> None:
    chosen, program = compile_filter(text, FIELDS), compile_program(text, FIELDS)
    query = Query(select(T.c.key).where(chosen.condition()).order_by(T.c.key))
    for shift in (-MICROSECOND, timedelta(), MICROSECOND):
        at = NOW + timedelta(hours=hours) + shift
        found = await connection.fetch(query.text, *query.bind(chosen.values_at(at)))
        expected = [row["key"] for row in ROWS if program.evaluate(values_of(row), now=at)]
        assert [row["key"] for row in found] == expected


MOMENTS = st.timedeltas(timedelta(days=-500), timedelta(days=500)).map(lambda distance: NOW + distance)
FACTS = field_map(
    Field("seen", None, "timestamp"),
    Field("closed", None, "timestamp"),
    Field("active", None, "bool"),
    Field("stage", None, "enum", values=("open", "won", "lost")),
)
VALUES = st.fixed_dictionaries(
    {
        "seen": st.none() | MOMENTS,
        "closed": st.none() | MOMENTS,
        "active": st.none() | st.booleans(),
        "stage": st.sampled_from(["open", "won"]),
    }
)


@given(text=st.sampled_from(TIMED), values=VALUES, now=MOMENTS, ahead=st.timedeltas(MICROSECOND, timedelta(days=900)))
def test_until_it_says_so_the_answer_stays(text: str, values: dict[str, Any], now: datetime, ahead: timedelta) -> None:
    program = compile_program(text, FACTS)
    answer, at = program.evaluate(values, now=now), program.changes_after(values, now)

    assert at is None or at > now
    until = now + ahead if at is None else min(now + ahead, at - MICROSECOND)
    assert program.evaluate(values, now=until) is answer


@given(text=st.sampled_from(TIMED), values=VALUES, now=MOMENTS)
def test_a_walk_from_change_to_change_comes_to_an_end(text: str, values: dict[str, Any], now: datetime) -> None:
    program = compile_program(text, FACTS)
    steps, at = 0, now
    while (following := program.changes_after(values, at)) is not None:
        steps, at = steps + 1, following
        assert steps < 20


def test_each_moment_of_change_is_known() -> None:
    program = compile_program('now() - seen < duration("48h")', FACTS)
    seen = NOW - timedelta(hours=47)

    assert program.changes_after({"seen": seen}, NOW) == NOW + timedelta(hours=1)
    assert program.changes_after({"seen": seen}, NOW + timedelta(hours=2)) is None
    assert program.changes_after({"seen": None}, NOW) is None
    assert compile_program("active", FACTS).changes_after({}, NOW) is None


def test_what_does_not_read_the_moment_does_not_depend_on_it() -> None:
    for text, timed in (("active", False), ("seen < now()", True)):
        assert (compile_program(text, FACTS).timed, compile_filter(text, FIELDS).timed) == (timed, timed)
    assert "cel_now" in compile_filter("seen < now()", FIELDS).values


@pytest.mark.parametrize("text", ["now(1) == seen", "now < seen", "tags.exists(t, now() > seen)", "now()"])
def test_the_moment_stands_where_it_makes_sense(text: str) -> None:
    fields = field_map(*FACTS.values(), Field("tags", None, "string_list"))
    with pytest.raises(CelError):
        compile_program(text, fields)


def test_an_answer_is_explained_part_by_part() -> None:
    text = '!(stage == "lost") && (active || now() - seen < duration("48h"))'
    seen = NOW - timedelta(hours=50)

    whole = explain(text, FACTS, {"stage": "won", "active": None, "seen": seen}, now=NOW)

    assert (whole.text, whole.truth, whole.operator, whole.values) == (text, False, "&&", {})
    negation, either = whole.parts
    assert (negation.operator, negation.truth, negation.parts[0].truth) == ("!", True, False)
    assert (negation.parts[0].text, negation.parts[0].values) == ('stage == "lost"', {"stage": "won"})
    assert (either.operator, either.truth) == ("||", False)
    assert [(part.text, part.truth, part.values) for part in either.parts] == [
        ("active", False, {"active": None}),
        ('now() - seen < duration("48h")', False, {"seen": seen}),
    ]
    with pytest.raises(CelError):
        explain("unknown", FACTS, {}, now=NOW)
