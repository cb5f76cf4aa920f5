import json
from enum import StrEnum
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crm_contracts.registry import EVENTS, MESSAGES
from crm_platform.errors import DomainError
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words
from tools.gen.artefact import Artefact, Generator, differences, write
from tools.gen.errors import error_classes
from tools.gen.markdown import table
from tools.gen.schemas import FOLDER, schema_of
from tools.gen.settings import rows_of
from tools.gen.state_machines import diagram
from tools.gen.types import type_text
from tools.layout import ROOT, distributions


@pytest.mark.parametrize("wire_type", sorted({**EVENTS, **MESSAGES}))
def test_every_schema_is_a_valid_json_schema_and_open_to_additions(wire_type: str) -> None:
    schema = json.loads((ROOT / FOLDER / f"{wire_type}.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert '"additionalProperties": false' not in json.dumps(schema)
    assert schema["$id"] == f"urn:crm:event:{wire_type}"


def test_fields_of_an_event_that_have_a_default_are_not_required() -> None:
    schema = schema_of(EVENTS["customer.created"])
    assert schema["required"] == ["state"]
    assert set(schema["properties"]) == {"state", "changed", "reason", "sealed"}


def test_a_problem_code_means_one_thing() -> None:
    known: dict[str, type[DomainError]] = {}
    for one in distributions():
        for kind in error_classes(one.package):
            other = known.setdefault(kind.code, kind)
            same_family = issubclass(kind, other) or issubclass(other, kind)
            assert (kind.status, kind.title) == (other.status, other.title) or same_family, (kind, other)


def test_a_file_is_written_once_compared_and_removed_when_nothing_makes_it(tmp_path: Path) -> None:
    made = [Artefact(Path("a.md"), "one\n"), Artefact(Path("deep/b.md"), "two\n")]
    generator = Generator(name="pages", make=lambda: made, owns=("*.md", "deep/*.md"))
    assert list(write(tmp_path, generator)) == [Path("a.md"), Path("deep/b.md")]
    assert list(write(tmp_path, generator)) == []
    assert list(differences(tmp_path, generator)) == []

    (tmp_path / "a.md").write_text("edited\n", encoding="utf-8")
    (tmp_path / "old.md").write_text("old\n", encoding="utf-8")
    assert list(differences(tmp_path, generator)) == [
        "--- a.md\n+++ generated now\n@@ -1 +1 @@\n-edited\n+one",
        "old.md: nothing generates this any more",
    ]
    assert list(write(tmp_path, generator)) == [Path("a.md"), Path("old.md")]
    assert not (tmp_path / "old.md").exists()


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    made = [Artefact(Path("a.md"), "\n".join(map(str, range(100))))]
    (difference,) = differences(tmp_path, Generator(name="pages", make=lambda: made, owns=()))
    assert difference.splitlines()[-1] == "... and 91 more lines"


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"
    GONE = "gone"


def test_a_state_machine_is_drawn_with_its_start_and_its_ends() -> None:
    machine = StateMachine(
        what=Words("mood", "心情"),
        initial=Mood.GOOD,
        transitions={(Mood.GOOD, "spoil"): Mood.BAD, (Mood.BAD, "mend"): Mood.GOOD, (Mood.BAD, "leave"): Mood.GONE},
    )
    assert list(diagram(machine)) == [
        "stateDiagram-v2",
        "    [*] --> good",
        "    good --> bad: spoil",
        "    bad --> good: mend",
        "    bad --> gone: leave",
        "    gone --> [*]",
    ]


class Inner(BaseModel):
    size: int = Field(default=3, description="How big.")
    key: SecretStr | None = None


class Outer(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="X_", env_nested_delimiter="__")

    name: str
    on: bool = True
    inner: Inner = Inner()


def test_settings_are_listed_by_their_variables() -> None:
    assert rows_of(Outer) == [
        ("`X_NAME`", "text", "required", ""),
        ("`X_ON`", "true or false", "`true`", ""),
        ("`X_INNER__SIZE`", "whole number", "`3`", "How big."),
        ("`X_INNER__KEY`", "secret text", "", ""),
    ]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"$ref": "#/$defs/Money"}, "Money"),
        ({"$ref": "#/$defs/Mood"}, "one of `good`, `bad`"),
        ({"anyOf": [{"$ref": "#/$defs/Money"}, {"type": "null"}]}, "Money or null"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({}, "any"),
    ],
)
def test_types_are_written_shortly(schema: dict[str, object], expected: str) -> None:
    definitions = {"Money": {"type": "object"}, "Mood": {"enum": ["good", "bad"]}}
    assert type_text(schema, definitions) == expected


def test_a_table_survives_bars_and_line_breaks() -> None:
    assert table(["A"], [["x | y\nz"]]) == "| A |\n| --- |\n| x \\| y z |"
    assert table(["A"], []) == ""
