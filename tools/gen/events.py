"""`events.md`: what is published, by whom, for whom, and what is in it."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm_contracts.base import DomainEvent
from crm_contracts.registry import MESSAGES, PRODUCERS
from tools.gen.artefact import Artefact
from tools.gen.markdown import code, page, table
from tools.gen.schemas import FOLDER, schema_of
from tools.gen.system import first_line, services
from tools.gen.types import type_text

_INTRODUCTION = (
    "Every event and inbound message, from the contracts and the services' own lists. An event says what happened to "
    "one aggregate: its full state after the change, the names of the fields that changed, and the reason where one "
    "was given. It travels as a Kafka record in CloudEvents' binary form, keyed by the aggregate's id; who did it, "
    "when, and why are headers. Readers must let unknown fields and unknown types pass."
)


def make() -> Iterator[Artefact]:
    """The page."""
    consumers = consumers_by_type()
    parts = ["## Overview", _overview(consumers)]
    for events in PRODUCERS.values():
        parts += _aggregates(events)
    parts += ["## Messages from other systems", *_messages(consumers)]
    yield Artefact(Path("docs/reference/events.md"), page("Events", _INTRODUCTION, *parts))


def consumers_by_type() -> dict[str, list[str]]:
    """The deployables that take in each wire type, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for one, service in services():
        taken = [consumer.event for consumer in service.consumers]
        taken += [event for projection in service.projections for event in projection.events]
        for kind in taken:
            for wire_type in _wire_types(kind):
                found[wire_type].add(one.name)
    return {wire_type: sorted(names) for wire_type, names in found.items()}


def _wire_types(kind: type[Any]) -> list[str]:
    """The wire types of an event class, or of all events below a base class."""
    if "type" in vars(kind):
        return [kind.type]
    events = [event for events in PRODUCERS.values() for event in events]
    return [event.type for event in events if issubclass(event, kind)]


def _overview(consumers: dict[str, list[str]]) -> str:
    rows = [
        (code(event.type), event.topic, producer, ", ".join(consumers.get(event.type, [])) or "-", first_line(event))
        for producer, events in sorted(PRODUCERS.items())
        for event in events
    ]
    return table(["Event", "Topic", "Published by", "Taken in by", "Meaning"], rows)


def _aggregates(events: tuple[type[DomainEvent[Any]], ...]) -> Iterator[str]:
    groups: dict[str, list[type[DomainEvent[Any]]]] = defaultdict(list)
    for event in events:
        groups[event.aggregate_type].append(event)
    for aggregate_type, members in groups.items():
        schema = schema_of(members[0])
        definitions = schema["$defs"]
        snapshot = definitions[schema["properties"]["state"]["$ref"].rpartition("/")[2]]
        yield f"## {aggregate_type}"
        names = ", ".join(f"[{event.type}](../../{FOLDER}/{event.type}.json)" for event in members)
        yield f"State of {names}:"
        yield _fields(snapshot, definitions)


def _messages(consumers: dict[str, list[str]]) -> Iterator[str]:
    for wire_type, kind in sorted(MESSAGES.items()):
        schema = schema_of(kind)
        yield f"### {wire_type}"
        readers = ", ".join(consumers.get(wire_type, [])) or "nobody"
        yield f"{first_line(kind)}. Topic `{kind.topic}`, read by {readers}. [Schema](../../{FOLDER}/{wire_type}.json)"
        yield _fields(schema, schema.get("$defs", {}))


def _fields(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = [
        (
            code(name),
            type_text(field, definitions),
            "yes" if name in required else "no",
            field.get("description", ""),
        )
        for name, field in schema.get("properties", {}).items()
    ]
    return table(["Field", "Type", "Always there", "Meaning"], rows)
