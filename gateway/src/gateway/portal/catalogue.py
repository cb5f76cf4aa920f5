"""Every event there is, described for people: made from the contracts, so that it cannot be out of date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from typing import Any

from crm_contracts.base import DomainEvent, InboundMessage
from crm_contracts.registry import MESSAGES, PRODUCERS
from gateway.portal.examples import example

_PARTNERS = {"erp": "ERP system", "oa": "OA system"}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One member of an event's data."""

    name: str
    type: str
    nullable: bool
    description: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event or message.

    Attributes:
        type: Wire type, the ``ce_type`` header.
        summary: When it happens.
        topic: Where it is published.
        producer: Who publishes it.
        aggregate: What it is about; None for messages from outside.
        model: Name of its data's schema.
        fields: Members of the state after the change, or of the message.
        schema: JSON Schema of the data.
        example: Data that fits the schema.
    """

    type: str
    summary: str
    topic: str
    producer: str
    aggregate: str | None
    model: str
    fields: tuple[FieldRow, ...]
    schema: dict[str, Any]
    example: Any


@dataclass(frozen=True, slots=True)
class Section:
    """All events of one topic."""

    topic: str
    producer: str
    inbound: bool
    entries: tuple[Entry, ...]

    @property
    def anchor(self) -> str:
        """Fragment of the section on the page."""
        return self.topic.replace(".", "-")


@cache
def catalogue() -> tuple[Section, ...]:
    """The sections by topic: what our services publish, then what other systems send us; made once, in seconds."""
    ours = [
        _section(topic, [_event(kind, producer) for kind in kinds], inbound=False)
        for producer, events in PRODUCERS.items()
        for topic, kinds in _by_topic(events).items()
    ]
    theirs = [
        _section(topic, [_message(kind) for kind in kinds], inbound=True)
        for topic, kinds in _by_topic(MESSAGES.values()).items()
    ]
    return (*ours, *theirs)


def _by_topic(kinds: Iterable[Any]) -> dict[str, list[Any]]:
    topics: dict[str, list[Any]] = {}
    for kind in kinds:
        topics.setdefault(kind.topic, []).append(kind)
    return topics


def _section(topic: str, entries: list[Entry], *, inbound: bool) -> Section:
    return Section(topic, entries[0].producer, inbound, tuple(entries))


def _event(kind: type[DomainEvent[Any]], producer: str) -> Entry:
    schema = kind.model_json_schema(mode="serialization")
    state = schema["properties"]["state"]["$ref"].rpartition("/")[2]
    return _entry(kind, schema, producer, kind.aggregate_type, schema["$defs"][state])


def _message(kind: type[InboundMessage]) -> Entry:
    schema = kind.model_json_schema(mode="serialization")
    return _entry(kind, schema, _PARTNERS[kind.type.partition(".")[0]], None, schema)


def _entry(kind: Any, schema: dict[str, Any], producer: str, aggregate: str | None, fields_of: dict[str, Any]) -> Entry:
    definitions = schema.get("$defs", {})
    return Entry(
        type=kind.type,
        summary=cleandoc(kind.__doc__ or ""),
        topic=kind.topic,
        producer=producer,
        aggregate=aggregate,
        model=kind.__name__,
        fields=tuple(_row(name, member, definitions) for name, member in fields_of.get("properties", {}).items()),
        schema=schema,
        example=example(schema, definitions),
    )


def _row(name: str, member: Mapping[str, Any], definitions: Mapping[str, Any]) -> FieldRow:
    choices = member.get("anyOf", [member])
    kinds = [choice for choice in choices if choice.get("type") != "null"]
    types = " or ".join(dict.fromkeys(_type(kind, definitions) for kind in kinds))
    return FieldRow(name, types, len(kinds) < len(choices), member.get("description", ""))


def _type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        values = definitions[name].get("enum")
        return " | ".join(str(value) for value in values) if values else name
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}), definitions)}"
    kind: str = schema.get("format") or schema.get("type", "any")
    return kind


def catalogue_document() -> list[dict[str, Any]]:
    """The catalogue for programs."""
    return [
        {
            "type": entry.type,
            "summary": entry.summary,
            "topic": entry.topic,
            "producer": entry.producer,
            "aggregate_type": entry.aggregate,
            "direction": "inbound" if section.inbound else "outbound",
            "schema": entry.schema,
            "example": entry.example,
        }
        for section in catalogue()
        for entry in section.entries
    ]
