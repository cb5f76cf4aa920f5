"""The form of a decision as HTML; all text escaped."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from html import escape

from crm_contracts.delivery.v1 import Criterion, CriterionVerdict, Verdict
from project_svc.acceptance_links.page.forms import POINTS, POINTS_SHOWN
from project_svc.acceptance_links.page.labels import LABELS

_CHOICES = (CriterionVerdict.PENDING, CriterionVerdict.MET, CriterionVerdict.NOT_MET)
_EXPLAINED = {
    Verdict.ACCEPTED: "as_accepted",
    Verdict.CONDITIONALLY_ACCEPTED: "as_conditional",
    Verdict.REJECTED: "as_rejected",
}


class Form:
    """The form in one language.

    Args:
        language: ``en`` or ``zh``.
        values: What its fields hold.
        wrong: Names of the fields that could not be taken.
    """

    def __init__(self, language: str, values: Mapping[str, str], wrong: AbstractSet[str]) -> None:
        self._language, self._values, self._wrong = language, values, wrong

    def html(self, criteria: Sequence[Criterion]) -> str:
        """All of it; it is sent to where it stands."""
        judged = "".join(self._criterion(one) for one in criteria) or f"<p>{self._label('none')}</p>"
        return (
            f'<form method="post" accept-charset="utf-8">{judged}<h2>{self._label("decision")}</h2>{self._verdict()}'
            f'{self._text("comment", self._label("comment"))}{self._points()}<p class="note">{self._label("once")}</p>'
            f'<button type="submit">{self._label("send")}</button></form>'
        )

    def _label(self, name: str, **values: object) -> str:
        return escape(LABELS[name].into(self._language).format_map(values))

    def _criterion(self, one: Criterion) -> str:
        name = f"finding-{one.id}"
        chosen = self._values.get(name) or CriterionVerdict.PENDING.value
        choices = "".join(
            f'<label class="choice">{self._radio(name, value.value, chosen)}{self._label(value.value)}</label>'
            for value in _CHOICES
        )
        remark = self._text(f"remark-{one.id}", self._label("remark", id=one.id), rows=2)
        return f'<fieldset id="{name}"><legend>{one.id}. {escape(one.description)}</legend>{choices}{remark}</fieldset>'

    def _verdict(self) -> str:
        chosen = self._values.get("verdict", "")
        choices = "".join(
            f'<label class="line">{self._radio("verdict", verdict.value, chosen, required=True)}'
            f'<strong>{self._label(verdict.value)}</strong> <span class="note">{self._label(about)}</span></label>'
            for verdict, about in _EXPLAINED.items()
        )
        return f'<fieldset id="verdict"><legend>{self._label("verdict")}</legend>{choices}</fieldset>'

    def _points(self) -> str:
        first = "".join(self._point(number) for number in range(1, POINTS_SHOWN + 1))
        others = range(POINTS_SHOWN + 1, POINTS + 1)
        opened = " open" if any(self._values.get(f"{kind}-{n}") for n in others for kind in ("point", "due")) else ""
        more = f"<details{opened}><summary>{self._label('more')}</summary>{''.join(map(self._point, others))}</details>"
        return f'<fieldset id="points"><legend>{self._label("points")}</legend>{first}{more}</fieldset>'

    def _point(self, number: int) -> str:
        text, due = self._input(f"point-{number}", "text"), self._input(f"due-{number}", "date")
        return (
            f"<label>{self._label('point', number=number)}{text}</label><label>{self._label('point_due')}{due}</label>"
        )

    def _input(self, name: str, kind: str) -> str:
        return (
            f'<input type="{kind}" maxlength="2000" {self._named(name)} value="{escape(self._values.get(name, ""))}">'
        )

    def _text(self, name: str, label: str, *, rows: int = 4) -> str:
        value = escape(self._values.get(name, ""))
        # A line end right behind the tag is dropped by browsers.
        return (
            f'<label>{label}<textarea rows="{rows}" maxlength="2000" {self._named(name)}>\n{value}</textarea></label>'
        )

    def _named(self, name: str) -> str:
        wrong = ' aria-invalid="true"' if name in self._wrong else ""
        return f'id="{name}" name="{name}"{wrong}'

    def _radio(self, name: str, value: str, chosen: str, *, required: bool = False) -> str:
        marks = f"{' required' if required else ''}{' checked' if value == chosen else ''}"
        return f'<input type="radio" name="{name}" value="{value}"{marks}>'
