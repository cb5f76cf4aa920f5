"""The page behind a link for acceptance: what is handed over, and the form or the receipt; all text escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from crm_contracts.delivery.v1 import Evidence, EvidenceKind
from crm_platform.errors import DomainError, FieldProblem, NotFound
from crm_platform.http.pages import page_answer
from project_svc.acceptance_links.page.form_parts import Form
from project_svc.acceptance_links.page.forms import Filled
from project_svc.acceptance_links.page.labels import LABELS, REFUSALS
from project_svc.acceptance_links.schemas import AcceptanceShown
from project_svc.report_pages.html import STYLE, block, document
from project_svc.report_pages.layout import Block, Bullets, Facts, Prose, Table, cells
from project_svc.report_pages.words import COLONS, NOTHING, moment

_STYLE: Final = (
    STYLE
    + """
body { max-width: 46rem; } th { overflow-wrap: normal; } td:nth-child(2) { white-space:
  nowrap; } h1 { overflow-wrap: anywhere; }
fieldset { border: 1px solid #d9e1e8; border-radius: 6px;
  margin: 0 0 1rem; padding: .6rem .9rem .9rem; min-width: 0; } legend { font-weight: 600; padding: 0 .3rem;
  overflow-wrap: anywhere; } label { display: block; margin: .45rem 0; }
label.choice { display: inline-flex; gap: .4rem; align-items: baseline; min-height: 2rem; margin-right: 1.2rem; }
label.line { display: block; padding-left: 1.6rem; text-indent: -1.6rem; }
label.line input { width: 1.2rem; margin: 0 .4rem 0 0; } textarea, input[type=text], input[type=date] { box-sizing:
  border-box; display: block; font: inherit; font-size: 16px; width: 100%; padding: .45rem .55rem; border: 1px solid
  #9fb0bf; border-radius: 4px; } input[type=date] { width: auto; } summary { cursor: pointer; padding: .4rem 0; }
button { background: #0b4f6c; border: 0; border-radius: 4px; color: #fff; font: inherit; font-size: 17px;
  padding: .7rem 1.6rem; cursor: pointer; } .said { border-left: 4px solid #0b7a75; background: #eef6f5;
  padding: .6rem .9rem; margin: 1rem 0; } .wrong { border-color: #b3261e; background: #fbeeed; }
.said p { margin: 0; } .said ul { margin: .4rem 0 0; padding-left: 1.2rem; } [aria-invalid] { border-color: #b3261e; }
@media (max-width: 34rem) { body { margin: 1rem auto; } h1 { font-size: 1.4rem; } dl { grid-template-columns: 1fr;
  gap: 0; } dd { margin: 0 0 .6rem; } button { width: 100%; } }
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A link as its page shows it.

    Attributes:
        shown: What is handed over, and what was decided.
        undecided: Whether there is something to decide.
        comment: What was said with the decision.
        documents: Where documents are, as seen from the page; the id of one is to be added.
        language: ``en`` or ``zh``.
        zone: In which times are told.
        form: What was filled in.
    """

    shown: AcceptanceShown
    undecided: bool
    comment: str | None
    documents: str
    language: str
    zone: ZoneInfo
    form: Filled


def show(view: View, *, refusal: DomainError | None = None) -> Response:
    """The page as an answer; with a refusal, which it tells, also its status."""
    page = _Page(view)
    html = document(page.title, page.body(refusal), view.language, style=_STYLE)
    return page_answer(html, _STYLE, status=200 if refusal is None else refusal.status)


def problem(error: DomainError, language: str) -> Response:
    """A page for whoever sees nothing of a delivery, because the link opens nothing or something else is wrong."""
    is_closed = isinstance(error, NotFound) or error.status == 400  # noqa: PLR2004  (such as without its secret)
    title = LABELS["no_link" if is_closed else "failed"].into(language)
    why = LABELS["no_link_why"].into(language) if is_closed else error.detail(language)
    body = f'<h1>{escape(title)}</h1><div class="said wrong" role="alert"><p>{escape(why)}</p></div>'
    return page_answer(
        document(title, body, language, style=_STYLE), _STYLE, status=error.status, headers=error.headers
    )


class _Page:
    def __init__(self, view: View) -> None:
        self.view, self.shown = view, view.shown
        self.title = f"{self.label('title').format(number=view.shown.submission)} · {view.shown.delivery}"

    def label(self, name: str) -> str:
        return LABELS[name].into(self.view.language)

    def body(self, refusal: DomainError | None) -> str:
        which = self.label("title").format(number=self.shown.submission)
        parts = [
            f'<h1>{escape(self.shown.delivery)}</h1><p class="under">{escape(which)}</p>',
            self.refused(refusal) if refusal else self.said(),
            block(self.facts()),
            f"<h2>{escape(self.label('handed_over'))}</h2>",
            self.handed_over(),
            f"<h2>{escape(self.label('criteria'))}</h2>",
        ]
        return "".join([*parts, self.form(refusal) if self.view.undecided else self.receipt()])

    def facts(self) -> Facts:
        shown = self.shown
        facts = {
            "asked": shown.contact,
            "submitted": moment(shown.submitted_at, self.view.zone),
            "due": shown.due_on.isoformat(),
            "expires": moment(shown.expires_at, self.view.zone),
            "deemed": shown.deemed_on.isoformat() if shown.deemed_on and self.view.undecided else "",
            "fingerprint": shown.fingerprint,
        }
        return Facts([(self.label(name), value) for name, value in facts.items() if value])

    def handed_over(self) -> str:
        shown = self.shown
        notes = block(Prose(shown.notes)) if shown.notes else ""
        if not shown.evidence:
            return notes or block(Prose(self.label("nothing")))
        items = "".join(f"<li>{self.evidence(one)}</li>" for one in shown.evidence)
        return f"{notes}<p>{escape(self.label('evidence'))}</p><ul>{items}</ul>"

    def evidence(self, one: Evidence) -> str:
        is_link = one.kind is EvidenceKind.LINK
        address = one.url or "" if is_link else f"{self.view.documents}&{urlencode({'document_id': one.document_id})}"
        about = "" if is_link else f" ({one.media_type}, {one.size:,} B)"
        link = f'<a href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank">{escape(one.name)}</a>'
        return f"{link}{escape(about)}"

    def said(self) -> str:
        """What is to be known first of all."""
        if self.view.undecided:
            return ""
        return _said([self.label("decided" if self.shown.verdict else "over")], is_wrong=False)

    def refused(self, refusal: DomainError) -> str:
        language = self.view.language
        if refusal.errors:
            items = [self.at_field(self.view.form.field_of(one.pointer), one.detail) for one in refusal.errors]
            return _said([self.label("wrong")], items)
        field_name, words = REFUSALS.get(refusal.code, ("", None))
        if words is None:
            return _said([self.label("refused"), refusal.detail(language)])
        if not field_name:
            return _said([words.into(language)])
        return _said([self.label("wrong")], [self.at_field(field_name, words.into(language))])

    def at_field(self, name: str, text: str) -> str:
        return f'<a href="#{escape(name)}">{escape(self.named(name) + COLONS[self.view.language] + text)}</a>'

    def named(self, name: str) -> str:
        kind, _, number = name.partition("-")
        if not number:
            return self.label(kind) if kind in LABELS else name
        if kind in {"finding", "remark"}:
            return self.label("remark").format(id=number)
        return self.label("point").format(number=number) if kind in {"point", "due"} else name

    def form(self, refusal: DomainError | None) -> str:
        wrong = frozenset(self.view.form.field_of(one.pointer) for one in _errors(refusal))
        if refusal is not None:
            wrong |= {REFUSALS.get(refusal.code, ("",))[0]}
        return Form(self.view.language, self.view.form.fields, wrong).html(self.shown.criteria)

    def receipt(self) -> str:
        shown = self.shown
        sections = [block(self.findings())]
        if shown.verdict:
            decided = {
                "verdict": self.label(f"was_{shown.verdict.value}"),
                "decided_at": moment(shown.decided_at, self.view.zone),
                "comment": self.view.comment or "",
            }
            facts = Facts([(self.label(name), value) for name, value in decided.items() if value])
            sections.append(self.section("decision", facts))
        if shown.open_points:
            points = [f"{one.description} ({one.due_on.isoformat()})" for one in shown.open_points]
            sections.append(self.section("points", Bullets(points)))
        return "".join(sections)

    def section(self, heading: str, what: Block) -> str:
        return f"<h2>{escape(self.label(heading))}</h2>{block(what)}"

    def findings(self) -> Block:
        if not self.shown.criteria:
            return Prose(self.label("none"))
        rows = [
            cells(f"{one.id}. {one.description}", self.label(one.verdict.value), one.comment or NOTHING)
            for one in self.shown.criteria
        ]
        return Table([self.label(name) for name in ("criterion", "finding", "comment")], (3, 1, 2), rows)


def _errors(refusal: DomainError | None) -> Sequence[FieldProblem]:
    return () if refusal is None else refusal.errors


def _said(lines: Iterable[str], items: Sequence[str] = (), *, is_wrong: bool = True) -> str:
    """A box of texts and, as HTML, points."""
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    points = f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""
    marks = 'class="said wrong" role="alert"' if is_wrong else 'class="said" role="status"'
    return f"<div {marks}>{told}{points}</div>"
