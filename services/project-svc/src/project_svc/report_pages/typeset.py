"""A report as a PDF."""

from datetime import datetime
from typing import Any

from crm_platform.pdf import pdf_of
from project_svc.report_pages.layout import Block, Bullets, Cell, Facts, Prose, Report, Table

_TEMPLATE = """\
#set page(paper: "a4", flipped: true, margin: (x: 18mm, y: 16mm), numbering: "1 / 1")
#set text(size: 9.5pt, fill: rgb("#1c2733"))
#set par(leading: 0.7em)
#show heading: set text(fill: rgb("#0b4f6c"))
#let soft = rgb("#5b6b7a")
#let line-colour = rgb("#d9e1e8")
#let ruled = (x: none, bottom: 0.5pt + line-colour, top: none)
#let bar(share) = box(width: 48pt, height: 4pt, fill: rgb("#e4ebf1"),
  align(left, rect(width: share * 1%, height: 4pt, fill: rgb("#0b7a75"))))
#let facts(items) = grid(columns: (auto, 1fr), column-gutter: 14pt, row-gutter: 6pt,
  ..items.map(((name, value)) => (text(fill: soft, name), value)).flatten())
#let cell(it) = {
  it.text
  if it.note != "" { linebreak(); text(size: 8pt, fill: soft, it.note) }
  if it.bar != none { linebreak(); bar(it.bar) }
}
#let rows(it) = table(columns: it.widths.map(share => share * 1fr), stroke: ruled, inset: (x: 4pt, y: 5pt),
  align: (x, _) => if x >= it.numeric { right } else { left },
  table.header(..it.head.map(name => text(fill: soft, weight: "bold", name))),
  ..it.rows.flatten().map(cell))
#let block_of(it) = {
  if it.kind == "facts" { facts(it.items) }
  else if it.kind == "bullets" { list(..it.items) }
  else if it.kind == "prose" { par(it.text) }
  else { rows(it) }
}

#text(size: 18pt, weight: "bold", data.subject) \\
#text(fill: soft, data.kind)
#v(4pt)
#facts(data.facts)
#for section in data.sections {
  heading(level: 2, section.heading)
  for one in section.blocks { block_of(one) }
}
"""


def pdf(report: Report, *, at: datetime) -> bytes:
    """The report as PDF/A; equal for equal input.

    Args:
        report: What it says.
        at: The time that it says it was made.
    """
    sections = [
        {"heading": section.heading, "blocks": [_block(block) for block in section.blocks]}
        for section in report.sections
    ]
    data = {"subject": report.subject, "kind": report.title, "facts": report.facts.items, "sections": sections}
    return pdf_of(_TEMPLATE, data, title=report.title, language=report.language, at=at.replace(microsecond=0))


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Facts(items):
            return {"kind": "facts", "items": items}
        case Bullets(items):
            return {"kind": "bullets", "items": items}
        case Prose(text):
            return {"kind": "prose", "text": text}
        case Table():
            return _table(block)


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "head": table.head,
        "widths": table.widths,
        "numeric": len(table.head) if table.numeric is None else table.numeric,
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "note": cell.note, "bar": cell.bar}
