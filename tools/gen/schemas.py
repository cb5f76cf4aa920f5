"""One JSON Schema per event and inbound message."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_contracts.base import DomainEvent, InboundMessage
from crm_contracts.registry import EVENTS, MESSAGES
from tools.gen.artefact import Artefact, Generator
from tools.gen.json_text import json_text

FOLDER = Path("shared/contracts/schemas")

Kind = type[DomainEvent[Any]] | type[InboundMessage]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make() -> Iterator[Artefact]:
    """A file per wire type."""
    kinds: dict[str, Kind] = {**EVENTS, **MESSAGES}
    for wire_type, kind in sorted(kinds.items()):
        yield Artefact(FOLDER / f"{wire_type}.json", json_text(schema_of(kind)))


def schema_of(kind: Kind) -> dict[str, Any]:
    """The schema of the JSON on the wire.

    Fields with a default are not required, since events from before the field was added lack it.
    Unknown fields are allowed: contracts grow, and consumers must not break when they do.
    """
    schema = _open(kind.model_json_schema(mode="serialization"))
    about = {"$schema": _DIALECT, "$id": f"urn:crm:event:{kind.type}", "title": kind.__name__, "x-topic": kind.topic}
    if issubclass(kind, DomainEvent):
        about["x-aggregate-type"] = kind.aggregate_type
    return {**about, **schema}


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(item) for item in schema]
    if isinstance(schema, dict):
        closed = schema.get("additionalProperties") is False
        return {key: _open(value) for key, value in schema.items() if not (closed and key == "additionalProperties")}
    return schema


SCHEMAS = Generator(name="JSON Schemas", make=make, owns=(f"{FOLDER}/*.json",))
