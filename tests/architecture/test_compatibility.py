import json
from pathlib import Path
from typing import Any

import pytest

from tools.compatibility import CURRENT, RELEASED, breaking_changes, compare, release
from tools.layout import ROOT

Schema = dict[str, Any]


def event(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": ["name"]}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
OPTIONAL: Schema = {"anyOf": [TEXT, {"type": "null"}]}
BASE = event(name=TEXT)

ADDITIONS = {
    "nothing": (BASE, BASE),
    "an optional field": (BASE, event(name=TEXT, note=OPTIONAL)),
    "a field that is not required any more": (BASE, {**BASE, "required": []}),
    "a value of an enumeration": (event(name={"enum": ["a"]}), event(name={"enum": ["a", "b"]})),
    "a wider range": (event(name={**TEXT, "maxLength": 5}), event(name={**TEXT, "maxLength": 9})),
    "no range any more": (event(name={**NUMBER, "minimum": 1}), event(name=NUMBER)),
    "a description": (BASE, event(name={**TEXT, "description": "What it is called."})),
    "another alternative": (event(name=OPTIONAL), event(name={"anyOf": [*OPTIONAL["anyOf"], NUMBER]})),
}

BREAKS = {
    "a field removed": (event(name=TEXT, note=TEXT), BASE, "/note: removed"),
    "a field renamed": (BASE, event(title=TEXT), "/name: removed"),
    "another type": (BASE, event(name=NUMBER), "/name: type was 'string' and is 'integer'"),
    "another format": (BASE, event(name={**TEXT, "format": "uuid"}), "/name: format was None and is 'uuid'"),
    "another pattern": (BASE, event(name={**TEXT, "pattern": "^a"}), "/name: pattern was None and is '^a'"),
    "newly required": (
        event(name=TEXT, note=TEXT),
        {**event(name=TEXT, note=TEXT), "required": ["name", "note"]},
        "/note: newly required; give it a default, events from before lack it",
    ),
    "an enumeration's value removed": (
        event(name={"enum": ["a", "b"]}),
        event(name={"enum": ["a"]}),
        "/name: values are not possible any more: ['b']",
    ),
    "free text becomes an enumeration": (
        BASE,
        event(name={**TEXT, "enum": ["a"]}),
        "/name: values are not possible any more: all but ['a']",
    ),
    "null not allowed any more": (event(name=OPTIONAL), BASE, "/name: had 2 alternatives and has 1"),
    "a narrower range": (
        event(name={**NUMBER, "minimum": 1}),
        event(name={**NUMBER, "minimum": 2}),
        "/name: minimum was 1 and is 2",
    ),
    "a new limit": (BASE, event(name={**TEXT, "maxLength": 9}), "/name: maxLength was None and is 9"),
    "items of another type": (
        event(name={"type": "array", "items": TEXT}),
        event(name={"type": "array", "items": NUMBER}),
        "/name/items: type was 'string' and is 'integer'",
    ),
    "another topic": ({"x-topic": "crm.a.v1"}, {"x-topic": "crm.a.v2"}, "/: x-topic was 'crm.a.v1' and is 'crm.a.v2'"),
}


@pytest.mark.parametrize(("before", "after"), ADDITIONS.values(), ids=ADDITIONS)
def test_additions_break_nobody(before: Schema, after: Schema) -> None:
    assert compare(before, after) == []


@pytest.mark.parametrize(("before", "after", "problem"), BREAKS.values(), ids=BREAKS)
def test_other_changes_are_named_with_their_place(before: Schema, after: Schema, problem: str) -> None:
    assert problem in compare(before, after)


def test_definitions_are_followed_also_when_they_contain_themselves() -> None:
    def tree(leaf: Schema) -> Schema:
        node = {"type": "object", "properties": {"leaf": leaf, "child": {"$ref": "#/$defs/Node"}}}
        return {"properties": {"tree": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}

    assert compare(tree(TEXT), tree(TEXT)) == []
    assert compare(tree(TEXT), tree(NUMBER)) == ["/tree/leaf: type was 'string' and is 'integer'"]


def test_a_definition_may_change_its_name() -> None:
    before = {"properties": {"x": {"$ref": "#/$defs/A"}}, "$defs": {"A": TEXT}}
    after = {"properties": {"x": {"$ref": "#/$defs/B"}}, "$defs": {"B": TEXT}}
    assert compare(before, after) == []


def test_a_release_is_what_later_versions_are_compared_with(tmp_path: Path) -> None:
    current = tmp_path / CURRENT
    current.mkdir(parents=True)
    (current / "order.placed.json").write_text(json.dumps(BASE), encoding="utf-8")
    assert list(breaking_changes(tmp_path)) == []
    release(tmp_path)
    assert (tmp_path / RELEASED / "order.placed.json").is_file()

    (current / "order.placed.json").write_text(json.dumps(event(name=NUMBER)), encoding="utf-8")
    assert list(breaking_changes(tmp_path)) == ["order.placed: /name: type was 'string' and is 'integer'"]
    (current / "order.placed.json").unlink()
    assert list(breaking_changes(tmp_path)) == ["order.placed: removed"]


def test_our_contracts_have_only_grown() -> None:
    assert list(breaking_changes(ROOT)) == []
