"""The smallest bodies that fit a JSON Schema, for calling every route there is."""

from collections.abc import Callable
from itertools import count
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
    r"^[a-z_]+:(read|write)$": "customers:read",
}
_number = count(1)


def smallest(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    """A value that fits ``schema``; only required members are given, or the first where none is required.

    Texts are different at every call, as names and codes often have to be.
    """
    if "$ref" in schema:
        return smallest(_resolved(schema, components), components)
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return smallest(next(one for one in schema[name] if one.get("type") != "null"), components)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    return _typed(schema, components)


def change(schema: dict[str, Any], components: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """A merge patch that fits ``schema`` and really changes ``record``: one member, no reference to other records."""
    members = _resolved(schema, components)["properties"]
    for name in sorted(members, key=lambda name: name.endswith(("_id", "_code"))):
        value = smallest(members[name], components)
        if value != record.get(name):
            return {name: value}
    raise AssertionError(f"nothing to change in {sorted(members)}")


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = components[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    return found


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
    pattern, format_ = schema.get("pattern", ""), schema.get("format")
    if format_ in SPECIAL:
        return SPECIAL[format_]()
    if pattern in PATTERNS:
        return PATTERNS[pattern]
    text = f"x{next(_number)}"
    if "@" in pattern or format_ == "email":
        return f"{text}@example.com"
    if "\\d" in pattern:  # a decimal
        return "1"
    return text.ljust(schema.get("minLength", 1), "x")[: schema.get("maxLength")]
