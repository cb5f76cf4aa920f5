"""The smallest bodies that fit a JSON Schema, for calling every route there is."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

SPECIAL: dict[str, Callable[[], str]] = {
    "uuid": lambda: str(uuid4()),
    "date": lambda: "2026-03-01",
    "date-time": lambda: "2026-03-01T09:00:00Z",
    "password": lambda: "correct horse battery staple",
}
PATTERNS = {
    r"^[A-Z]{3}$": "CNY",
    r"^[A-Z]{2}$": "CN",
    r"^[0-9]{6}$": "123456",
    r"^(zh|en)$": "en",
}


def smallest(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """A value that fits ``schema``; only required members are given, or the first where none is required."""
    if "$ref" in schema:
        return smallest(components[schema["$ref"].rsplit("/", 1)[1]], components)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return smallest(next(one for one in schema[name] if one.get("type") != "null"), components)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _typed(schema, components)


def _typed(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    kind = schema.get("type", "object")
    if kind == "string":
        return _text(schema)
    if kind in {"integer", "number"}:
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "boolean":
        return True
    if kind == "array":
        return [smallest(schema["items"], components) for _ in range(schema.get("minItems", 0))]
    members = schema.get("properties", {})
    wanted = schema.get("required") or list(members)[:1]
    return {name: smallest(members[name], components) for name in wanted}


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in SPECIAL:
        return str(SPECIAL[schema["format"]]())
    if schema.get("pattern") in PATTERNS:
        return str(PATTERNS[schema["pattern"]])
    if "@" in schema.get("pattern", "") or schema.get("format") == "email":
        return "somebody@example.com"
    if "\\d" in schema.get("pattern", ""):  # a decimal
        return "1"
    return "x" * int(max(1, schema.get("minLength", 1)))
