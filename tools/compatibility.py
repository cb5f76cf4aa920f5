"""``python -m tools.compatibility [--release]``: contracts only grow.

`shared/contracts/released/` holds the schemas of the last release. Whoever was written against them must be able to
read what is sent now, and what they send must still be taken: nothing removed, nothing of another type, nothing newly
required. A change that must break goes into a new major version of the topic.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.layout import ROOT

CURRENT = Path("shared/contracts/schemas")
RELEASED = Path("shared/contracts/released")

_EQUAL = ("type", "format", "const", "pattern", "x-topic", "x-aggregate-type")
_MAY_FALL = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MAY_RISE = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")

Schema = dict[str, Any]


class Comparison:
    """Two versions of one schema, each with its own definitions."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self._before = before
        self._after = after
        self._compared: set[tuple[str, str]] = set()

    def breaks(self) -> Iterator[str]:
        """What a reader or writer of the old version would stumble over, with its place."""
        yield from self._compare(self._before, self._after, "")

    def _compare(self, before: Schema, after: Schema, where: str) -> Iterator[str]:
        references = (str(before.get("$ref", "")), str(after.get("$ref", "")))
        if all(references):
            if references in self._compared:
                return
            self._compared.add(references)
        before, after = _resolve(before, self._before), _resolve(after, self._after)
        yield from _compare_values(before, after, where)
        yield from self._compare_properties(before, after, where)
        yield from self._compare_options(before, after, where)
        for name in ("items", "additionalProperties"):
            if isinstance(before.get(name), dict) and isinstance(after.get(name), dict):
                yield from self._compare(before[name], after[name], f"{where}/{name}")
            elif isinstance(after.get(name), dict) and before.get(name) is None:
                yield f"{where or '/'}: {name} was free and is restricted now"

    def _compare_properties(self, before: Schema, after: Schema, where: str) -> Iterator[str]:
        old, new = before.get("properties", {}), after.get("properties", {})
        for name in old:
            if name not in new:
                yield f"{where}/{name}: removed"
            else:
                yield from self._compare(old[name], new[name], f"{where}/{name}")
        for name in sorted(set(after.get("required", ())) - set(before.get("required", ()))):
            yield f"{where}/{name}: newly required; give it a default, events from before lack it"

    def _compare_options(self, before: Schema, after: Schema, where: str) -> Iterator[str]:
        """Alternatives are compared in their order; new ones may only follow."""
        old, new = before.get("anyOf", []), after.get("anyOf", [])
        if bool(old) != bool(new) or len(new) < len(old):
            yield f"{where or '/'}: had {len(old) or 1} alternatives and has {len(new) or 1}"
            return
        for index, option in enumerate(old):
            yield from self._compare(option, new[index], where)


def compare(before: Schema, after: Schema) -> list[str]:
    """Everything in ``after`` that is not a mere addition to ``before``."""
    return list(Comparison(before, after).breaks())


def _compare_values(before: Schema, after: Schema, where: str) -> Iterator[str]:
    place = where or "/"
    for key in _EQUAL:
        if before.get(key) != after.get(key):
            yield f"{place}: {key} was {before.get(key)!r} and is {after.get(key)!r}"
    possible = after.get("enum") or before.get("enum") or []
    gone = [value for value in before.get("enum", ()) if value not in possible]
    if gone or ("enum" in after and "enum" not in before):
        yield f"{place}: values are not possible any more: {gone or 'all but ' + str(after['enum'])}"
    for key in _MAY_FALL:
        if after.get(key, float("-inf")) > before.get(key, float("-inf")):
            yield f"{place}: {key} was {before.get(key)} and is {after[key]}"
    for key in _MAY_RISE:
        if after.get(key, float("inf")) < before.get(key, float("inf")):
            yield f"{place}: {key} was {before.get(key)} and is {after[key]}"


def _resolve(schema: Schema, whole: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    target: Schema = whole["$defs"][reference.rpartition("/")[2]]
    return target


def breaking_changes(root: Path = ROOT) -> Iterator[str]:
    """What is not additive in the current schemas, compared with the last release."""
    for released in sorted((root / RELEASED).glob("*.json")):
        current = root / CURRENT / released.name
        if not current.is_file():
            yield f"{released.stem}: removed"
            continue
        before, after = json.loads(released.read_bytes()), json.loads(current.read_bytes())
        for problem in compare(before, after):
            yield f"{released.stem}: {problem}"


def release(root: Path = ROOT) -> None:
    """Make the current schemas the released ones."""
    shutil.rmtree(root / RELEASED, ignore_errors=True)
    shutil.copytree(root / CURRENT, root / RELEASED)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tools.compatibility", description="Contracts only grow.")
    parser.add_argument("--release", action="store_true", help="make the current schemas the released ones")
    options = parser.parse_args()
    problems = list(breaking_changes())
    for problem in problems:
        print(problem)
    if problems:
        print(f"compatibility: {len(problems)} changes would break readers or writers.", file=sys.stderr)
        return 1
    if options.release:
        release()
    return 0


if __name__ == "__main__":
    sys.exit(main())
