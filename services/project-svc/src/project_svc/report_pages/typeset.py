"""An outcome report as a PDF."""

from datetime import datetime

from crm_platform.pdf import pdf_of
from project_svc.report_pages.wording import Wording

_TEMPLATE = """\
#set page(paper: "a4", flipped: true, margin: (x: 18mm, y: 16mm), numbering: "1 / 1")
#set text(size: 9.5pt, fill: rgb("#1c2733"))
#set par(leading: 0.7em)
#show heading: set text(fill: rgb("#0b4f6c"))
#let soft = rgb("#5b6b7a")
#let line-colour = rgb("#d9e1e8")
#let facts(items) = grid(columns: (auto, 1fr), column-gutter: 14pt, row-gutter: 6pt,
  ..items.map(((name, value)) => (text(fill: soft, name), value)).flatten())
#let bar(share) = box(width: 48pt, height: 4pt, fill: rgb("#e4ebf1"),
  align(left, rect(width: share * 1%, height: 4pt, fill: rgb("#0b7a75"))))
#let head(names) = table.header(..names.map(name => text(fill: soft, weight: "bold", name)))
#let ruled = (x: none, bottom: 0.5pt + line-colour, top: none)

#text(size: 18pt, weight: "bold", data.project) \\
#text(fill: soft, data.title)
#v(4pt)
#facts(data.facts)

== #data.labels.outcomes
#if data.results.len() == 0 [#data.labels.nothing] else {
  table(columns: (2.6fr, 1fr, 1fr, 1.5fr, 1.1fr, 1.1fr, 1.2fr), stroke: ruled, inset: (x: 4pt, y: 5pt),
    align: (x, _) => if x == 0 { left } else { right },
    head(data.result_head),
    ..data.results.map(row => row.cells.enumerate().map(((index, cell)) => {
      if index == 0 {
        cell
        if row.note != "" { linebreak(); text(size: 8pt, fill: soft, row.note) }
      } else if index == data.bar_at { cell; linebreak(); bar(row.bar) } else { cell }
    })).flatten())
}

== #data.labels.voice
#facts(data.voice)

== #data.labels.deliveries
#if data.delivery_rows.len() == 0 [#data.labels.nothing] else {
  table(columns: (3fr, 1fr, 1fr, 1fr), stroke: ruled, inset: (x: 4pt, y: 5pt), head(data.delivery_head),
    ..data.delivery_rows.flatten())
}

#if data.lessons.len() > 0 [
  == #data.labels.lessons
  #list(..data.lessons)
]
"""


def pdf(report: Wording, *, at: datetime) -> bytes:
    """The report as PDF/A; equal for equal input.

    Args:
        report: What it says.
        at: The time that it says it was made.
    """
    data = {
        "project": report.project,
        "facts": report.facts,
        "voice": report.voice,
        "labels": {name: report.label(name) for name in ("outcomes", "voice", "deliveries", "lessons", "nothing")},
        "result_head": report.result_head,
        "results": [{"cells": row.cells, "bar": row.bar, "note": row.note} for row in report.results],
        "bar_at": report.bar_at,
        "delivery_head": report.delivery_head,
        "delivery_rows": report.delivery_rows,
        "lessons": report.lessons,
    }
    return pdf_of(_TEMPLATE, data, title=report.title, language=report.language, at=at.replace(microsecond=0))
