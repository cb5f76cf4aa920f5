"""Both engines give the answers of the table, and so does another CEL engine where it can."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import cel
import pytest

from crm_platform.cel import compile_program
from platform_tests.cel.cases import BEYOND, PLAIN
from platform_tests.cel.samples import FIELDS, ROWS, matching, values_of

TABLE = pytest.mark.parametrize(("expected", "text"), PLAIN + BEYOND, ids=[text for _, text in PLAIN + BEYOND])


@TABLE
async def test_database_answers_as_in_the_table(connection: asyncpg.Connection, expected: str, text: str) -> None:
    assert await matching(connection, text) == expected


@TABLE
def test_evaluator_answers_as_in_the_table(expected: str, text: str) -> None:
    program = compile_program(text, FIELDS)
    assert "".join(row["key"] for row in ROWS if program.evaluate(values_of(row))) == expected


@pytest.mark.parametrize(("expected", "text"), PLAIN, ids=[text for _, text in PLAIN])
def test_another_engine_agrees_on_rows_without_null(expected: str, text: str) -> None:
    program = cel.compile(text)
    for row in ROWS[:3]:
        context = cel.Context({name: _foreign(value) for name, value in values_of(row).items()})
        context.add_function("date", lambda text: datetime.fromisoformat(f"{text}T00:00:00+00:00"))
        assert program.execute(context) is (row["key"] in expected)


def _foreign(value: Any) -> Any:
    """The value in the types that the other engine has."""
    match value:
        case UUID():
            return str(value)
        case list():
            return [_foreign(item) for item in value]
        case date() if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value
