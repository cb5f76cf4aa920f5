"""Holding answers to what the OpenAPI document promises of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_FORMATS = FormatChecker(formats=("uuid", "date"))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Operation:
    """A GET route as the document describes it."""

    path: str
    parameters: tuple[str, ...]
    """Names of the path's parameters."""
    validator: Draft202012Validator

    @property
    def is_list(self) -> bool:
        """Whether it promises a page of records."""
        schema = self.validator.schema
        return isinstance(schema, Mapping) and "next_cursor" in schema.get("properties", {})

    def faults(self, answer: Any) -> list[str]:
        """What in the answer is not as promised."""
        return [
            f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in self.validator.iter_errors(answer)
        ]


def get_operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every GET route with a described JSON answer; members that are not described count as faults."""
    closed = _closed(document)
    for path, item in closed["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if not schema:
            continue
        if "$ref" in schema:
            schema = closed["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        whole = {**schema, "components": closed["components"]}
        names = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
        yield Operation(path, names, Draft202012Validator(whole, format_checker=_FORMATS))


def _closed(node: Any) -> Any:
    """The same document, in which no object may have members that are not described."""
    if isinstance(node, Mapping):
        inner = {name: _closed(value) for name, value in node.items()}
        if inner.get("type") == "object" and "properties" in inner:
            inner.setdefault("additionalProperties", False)
        return inner
    if isinstance(node, list):
        return [_closed(value) for value in node]
    return node
