"""An outcome report as one HTML page: no scripts, nothing from elsewhere, all text escaped."""

from collections.abc import Sequence
from html import escape

from project_svc.report_pages.wording import Wording

_STYLE = """
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
  background: #0b7a75; } .note { color: #5b6b7a; font-size: .9em; }
@media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""


def page(report: Wording) -> str:
    """The whole page."""
    title = f"{report.title} · {report.project}"
    body = (
        f"<h1>{escape(report.project)}</h1>",
        f'<p class="under">{escape(report.title)}</p>',
        _facts(report.facts),
        f"<h2>{escape(report.label('outcomes'))}</h2>",
        _results(report),
        f"<h2>{escape(report.label('voice'))}</h2>",
        _facts(report.voice),
        f"<h2>{escape(report.label('deliveries'))}</h2>",
        _table(report.delivery_head, report.delivery_rows, report.label("nothing")),
        *_lessons(report),
    )
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!DOCTYPE html>\n<html lang="{report.html_language}"><head>{head}</head><body>{"".join(body)}</body></html>\n'
    )


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in facts)}</dl>"


def _results(report: Wording) -> str:
    if not report.results:
        return f"<p>{escape(report.label('nothing'))}</p>"
    head = "".join(
        f'<th class="{"n" if index else ""}">{escape(name)}</th>' for index, name in enumerate(report.result_head)
    )
    rows = []
    for row in report.results:
        note = f'<div class="note">{escape(row.note)}</div>' if row.note else ""
        bar = f'<div class="bar"><i style="width:{row.bar}%"></i></div>'
        cells = [f"<td>{escape(row.cells[0])}{note}</td>"]
        cells += [
            f'<td class="n">{escape(cell)}{bar if index == report.bar_at else ""}</td>'
            for index, cell in enumerate(row.cells)
            if index
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> str:
    if not rows:
        return f"<p>{escape(nothing)}</p>"
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _lessons(report: Wording) -> list[str]:
    if not report.lessons:
        return []
    items = "".join(f"<li>{escape(lesson)}</li>" for lesson in report.lessons)
    return [f"<h2>{escape(report.label('lessons'))}</h2><ul>{items}</ul>"]
