"""What is told of the rows of a file: a report of all, and the rows to be corrected with what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from crm_platform.files.rows import Row, Rows, Value, flat
from crm_platform.files.text_writers import CsvWriter, JsonWriter
from crm_platform.files.writing import Column, Writer, as_text
from crm_platform.files.xlsx.writer import XlsxWriter
from crm_platform.words import Words

TO_CORRECT: Final = frozenset({"failed", "skipped"})
"""Outcomes of rows that come with the file of errors."""

REASON: Final = Words("import_problem", "导入问题")
"""The column of the reason in the file of errors; no field is called so, so it is passed over when it comes back."""

REPORT: Final = (
    Column("number", "row"),
    Column("outcome"),
    Column("customer_id"),
    Column("code"),
    Column("reason"),
    Column("changes"),
)


def is_to_correct(outcome: str, problem: Mapping[str, Any] | None) -> bool:
    """Whether a row comes with the file of errors: it was refused or skipped, or entered without some cells."""
    return outcome in TO_CORRECT or (problem is not None and problem.get("code") == "cells_left_out")


def reason_of(problem: Mapping[str, Any] | None) -> str:
    """Why a row was refused, skipped or flagged: every cell, or the rule."""
    if problem is None:
        return ""
    cells = [str(one["detail"]) for one in problem.get("errors") or ()]
    return "; ".join(cells) if cells else str(problem.get("detail", ""))


def report_line(result: Mapping[str, Any], changes: Mapping[str, Sequence[Any]]) -> dict[str, Value]:
    """One line of the report; ``changes`` are the members that differ, from and to."""
    problem = result["problem"]
    told = "; ".join(f"{name}: {_shown(before)} → {_shown(after)}" for name, (before, after) in changes.items())
    return {
        "number": result["number"],
        "outcome": result["outcome"],
        "customer_id": str(result["subject_id"]) if result["subject_id"] else None,
        "code": problem["code"] if problem else None,
        "reason": reason_of(problem) or None,
        "changes": told or None,
    }


def _shown(value: Any) -> str:
    return "–" if value in (None, [], "") else as_text(value)


def columns_of(rows: Rows, names: Sequence[str], language: str) -> list[Column]:
    """The columns of the file, and the reason behind them."""
    return [*(Column(name) for name in rows.columns or names), Column(REASON.en, REASON.into(language))]


def writer_for(rows: Rows, columns: Sequence[Column]) -> Writer:
    """Writes the file of errors in the format of the file, or as CSV where that is not written as a table."""
    if rows.format == "xlsx":
        return XlsxWriter(columns)
    if rows.format == "jsonl":
        return JsonWriter()
    return CsvWriter(columns)


def next_rows(rows: Rows, stream: Iterator[Row], reasons: Mapping[int, str]) -> list[dict[str, Value]]:
    """The rows with these numbers, which lie ahead in ``stream``, each with its reason."""
    missing, found = set(reasons), []
    while missing and (row := next(stream, None)) is not None:
        if row.number in missing:
            missing.discard(row.number)
            found.append(_with_reason(rows, row, reasons[row.number]))
    return found


def _with_reason(rows: Rows, row: Row, reason: str) -> dict[str, Value]:
    values = flat(row.values) if rows.format == "vcard" else dict(row.values)
    return {**values, REASON.en: reason}
