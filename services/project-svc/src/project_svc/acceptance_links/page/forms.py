"""The form behind a link for acceptance: which fields it has, and which decision they spell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MAX_FIELDS: Final = 250
POINTS_SHOWN: Final = 3
POINTS: Final = 20
"""Open points that the form has room for; by JSON there can be more."""

_NUMBERED = re.compile(r"(finding|remark|point|due)-([1-9][0-9]{0,5})")
_UNJUDGED: Final = "pending"
_TEXT: Final = {"type": "string"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["verdict"],
    "properties": {
        "verdict": {"type": "string", "enum": ["accepted", "conditionally_accepted", "rejected"]},
        "comment": {"type": "string", "maxLength": 2000, "description": "A rejection needs one."},
    },
    "patternProperties": {
        "^finding-[1-9][0-9]{0,5}$": {"enum": ["met", "not_met", "pending", ""]},
        "^remark-[1-9][0-9]{0,5}$": _TEXT,
        "^point-[1-9][0-9]{0,5}$": _TEXT,
        "^due-[1-9][0-9]{0,5}$": _TEXT,
    },
    "additionalProperties": False,
}
"""What OpenAPI says of it: findings and remarks by the id of their criterion, open points by a number."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody filled in.

    Attributes:
        fields: As it came.
        decision: What it spells, as JSON has it; to be checked.
        places: Which field stands for which entry of which list of the decision.
    """

    fields: Mapping[str, str]
    decision: Mapping[str, Any]
    places: Mapping[str, Sequence[int]]

    def field_of(self, pointer: str) -> str:
        """Which field a JSON pointer into the decision means."""
        _, member, *rest = pointer.split("/")
        if member not in self.places or len(rest) < 2:  # noqa: PLR2004
            return "points" if member == "open_points" else member
        number = self.places[member][int(rest[0])]
        return f"{_FIELDS.get(rest[1], 'finding')}-{number}"


_FIELDS: Final = {"verdict": "finding", "comment": "remark", "description": "point", "due_on": "due"}


def filled(fields: Mapping[str, str]) -> Filled:
    """What ``fields`` spell; those that are empty say nothing, and unknown ones go along, to be refused."""
    known = {name: value.replace("\r\n", "\n").strip() for name, value in fields.items()}
    numbers: dict[str, set[int]] = {"criteria": set(), "open_points": set()}
    decision: dict[str, Any] = {}
    for name, value in known.items():
        if not value or value == _UNJUDGED:
            continue
        if (found := _NUMBERED.fullmatch(name)) is None:
            decision[name] = value
        else:
            numbers["criteria" if found[1] in {"finding", "remark"} else "open_points"].add(int(found[2]))
    places = {member: sorted(ones) for member, ones in numbers.items()}
    usual = _UNJUDGED if known.get("verdict") == "rejected" else "met"
    decision["criteria"] = [_finding(known, id, usual) for id in places["criteria"]]
    decision["open_points"] = [_point(known, number) for number in places["open_points"]]
    return Filled(known, decision, places)


def _finding(known: Mapping[str, str], id: int, usual: str) -> dict[str, Any]:
    given = known.get(f"finding-{id}") or _UNJUDGED
    verdict = usual if given == _UNJUDGED else given
    return {"criterion_id": id, "verdict": verdict, "comment": known.get(f"remark-{id}") or None}


def _point(known: Mapping[str, str], number: int) -> dict[str, Any]:
    point = {"description": known.get(f"point-{number}"), "due_on": known.get(f"due-{number}")}
    return {name: value for name, value in point.items() if value}


EMPTY: Final = filled({})
"""What nobody has filled in yet."""
