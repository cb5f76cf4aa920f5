"""A report as one HTML page, and what other pages share with it: no scripts, nothing from elsewhere, all escaped."""

from collections.abc import Sequence
from html import escape

from project_svc.report_pages.layout import Block, Bullets, Cell, Facts, Prose, Report, Section, Table

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.6 "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif;
  color: #1c2733; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; color: #0b4f6c; }
.under { color: #5b6b7a; margin: 0 0 1rem; } dl { display: grid; grid-template-columns: max-content 1fr;
  gap: .2rem 1.2rem; } dt { color: #5b6b7a; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .45rem .6rem;
  border-bottom: 1px solid #d9e1e8; vertical-align: top; overflow-wrap: anywhere; }
th { color: #5b6b7a; font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
.bar { background: #e4ebf1; height: .5rem; width: 7rem; margin-left: auto; } .bar i { display: block; height: 100%;
  background: #0b7a75; } .note { color: #5b6b7a; font-size: .9em; white-space: pre-line; }
.prose { white-space: pre-line; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""
_LANGUAGES = {"zh": "zh-CN", "en": "en"}


def page(report: Report) -> str:
    """The whole page."""
    title = f"{report.title} · {report.subject}"
    body = (
        f"<h1>{escape(report.subject)}</h1>",
        f'<p class="under">{escape(report.title)}</p>',
        block(report.facts),
        *(_section(section) for section in report.sections),
    )
    return document(title, "".join(body), report.language)


def document(title: str, body: str, language: str, *, style: str = STYLE) -> str:
    """A page around ``body``, which is HTML already; ``title`` is not."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style>"
    )
    return f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[language]}"><head>{head}</head><body>{body}</body></html>\n'


def _section(section: Section) -> str:
    return f"<h2>{escape(section.heading)}</h2>{''.join(block(one) for one in section.blocks)}"


def block(what: Block) -> str:
    """A part of a page as HTML."""
    match what:
        case Facts(items):
            return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in items)}</dl>"
        case Bullets(items):
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
        case Prose(text):
            return f'<p class="prose">{escape(text)}</p>'
        case Table():
            return _table(what)


def _table(table: Table) -> str:
    numeric = len(table.head) if table.numeric is None else table.numeric
    names = "".join(f"<th{_at_right(index, numeric)}>{escape(name)}</th>" for index, name in enumerate(table.head))
    rows = "".join(f"<tr>{_cells(row, numeric)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(row: Sequence[Cell], numeric: int) -> str:
    return "".join(f"<td{_at_right(index, numeric)}>{_cell(cell)}</td>" for index, cell in enumerate(row))


def _cell(cell: Cell) -> str:
    note = f'<div class="note">{escape(cell.note)}</div>' if cell.note else ""
    bar = "" if cell.bar is None else f'<div class="bar"><i style="width:{cell.bar}%"></i></div>'
    return f"{escape(cell.text)}{note}{bar}"


def _at_right(index: int, numeric: int) -> str:
    return ' class="n"' if index >= numeric else ""
