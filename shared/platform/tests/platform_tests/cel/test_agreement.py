"""Both engines agree on whatever is drawn."""

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_platform.cel import CelLimits, compile_program
from platform_tests.cel.samples import FIELDS, Row, T, insert_rows, matching, values_of
from platform_tests.cel.strategies import CONDITIONS, ROWS

_LIMITS = CelLimits(max_depth=64, max_arithmetic=64)


@pytest.mark.timeout(400)  # a failure takes minutes to be reduced to its smallest form
@settings(max_examples=200, deadline=None)
@given(rows=ROWS, texts=st.lists(CONDITIONS, min_size=1, max_size=8))
async def test_engines_agree(connection: asyncpg.Connection, rows: list[Row], texts: list[str]) -> None:
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(f"DELETE FROM {T.name}")
        await insert_rows(connection, rows)
        for text in texts:
            program = compile_program(text, FIELDS, _LIMITS)
            evaluated = "".join(row["key"] for row in rows if program.evaluate(values_of(row)))
            assert await matching(connection, text, _LIMITS) == evaluated, text
    finally:
        await transaction.rollback()
