"""The AsyncAPI 3.0 document of every topic: what we send, and what we take in."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from crm_contracts.registry import EVENTS, MESSAGES
from crm_platform.settings import KafkaSettings
from gateway.portal.catalogue import Entry, Section, catalogue

PARTITIONS: int = KafkaSettings.model_fields["partitions"].default
_BINDING = "0.5.0"
_SCHEMAS = "#/components/schemas"

_DESCRIPTION = """\
Domain events of the Guanxi CRM, and the messages that ERP and OA systems send to it.

Records are CloudEvents 1.0 in Kafka's binary mode: attributes are headers, the value is JSON. The key is the id of
the aggregate, so that the events of one aggregate stay in order. `ce_sequence` counts the versions of an aggregate
without gaps; a record may arrive more than once, with the same `ce_id`.
"""
_TEXT = {"type": "string"}
_UUID = {"type": "string", "format": "uuid"}
_COMMON_HEADERS: dict[str, Any] = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {**_UUID, "description": "Names the record; the same id takes effect once."},
    "ce_source": {**_TEXT, "description": "Such as `/crm/sales-svc`."},
    "ce_type": _TEXT,
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_tenantid": {**_UUID, "description": "Whose data it is."},
    "ce_correlationid": {**_UUID, "description": "The request or message with which it all began."},
    "content-type": {"type": "string", "const": "application/json"},
    "traceparent": {**_TEXT, "description": "W3C trace context, where the change is traced."},
}
_EVENT_HEADERS: dict[str, Any] = {
    "ce_subject": {**_UUID, "description": "Id of the aggregate."},
    "ce_partitionkey": {**_UUID, "description": "Id of the aggregate, as the record's key."},
    "ce_aggregatetype": {**_TEXT, "description": "Kind of the aggregate, such as `customer`."},
    "ce_sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "Version of the aggregate, from 1."},
    "ce_causationid": {**_UUID, "description": "The event or message that led to this one."},
    "ce_actor": {**_TEXT, "description": "Who did it, such as `user:<id>`."},
    "ce_origin": {**_TEXT, "description": "The system in which the change was made: `crm`, `erp`, `oa`."},
    "ce_logepoch": {**_TEXT, "description": "Tells consumers from where to read again after the broker lost records."},
}
_REQUIRED = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_tenantid"]


def asyncapi(*, host: str = "broker.example:9092", topic_prefix: str = "") -> dict[str, Any]:
    """The document, made from the contracts alone.

    Args:
        host: Where partners reach the broker.
        topic_prefix: Put before every topic name.
    """
    sections = catalogue()
    entries = [entry for section in sections for entry in section.entries]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Guanxi events", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": host, "protocol": "kafka", "description": "Apache Kafka protocol."}},
        "channels": {_id(section.topic): _channel(section, topic_prefix) for section in sections},
        "operations": {_operation_id(section): _operation(section) for section in sections},
        "components": {
            "messages": {entry.type: _message(entry) for entry in entries},
            "schemas": {**_headers(), **_data_schemas()},
        },
    }


def _channel(section: Section, prefix: str) -> dict[str, Any]:
    address = f"{prefix}{section.topic}"
    return {
        "address": address,
        "title": section.topic,
        "description": f"Published by {section.producer}.",
        "messages": {entry.type: {"$ref": f"#/components/messages/{entry.type}"} for entry in section.entries},
        "bindings": {"kafka": {"topic": address, "partitions": PARTITIONS, "bindingVersion": _BINDING}},
    }


def _operation(section: Section) -> dict[str, Any]:
    channel = _id(section.topic)
    return {
        "action": "receive" if section.inbound else "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": section.topic,
        "summary": f"{section.producer} publishes what happens." if not section.inbound else "Taken in by the CRM.",
        "tags": [{"name": section.producer}],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{entry.type}"} for entry in section.entries],
    }


def _message(entry: Entry) -> dict[str, Any]:
    headers = "InboundHeaders" if entry.aggregate is None else "EventHeaders"
    key = "Id of the record in the sending system." if entry.aggregate is None else "Id of the aggregate."
    return {
        "name": entry.type,
        "title": entry.model,
        "summary": entry.summary.splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": f"{_SCHEMAS}/{headers}"},
        "payload": {"$ref": f"{_SCHEMAS}/{entry.model}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": _BINDING}},
        "examples": [{"name": "example", "payload": entry.example}],
    }


def _headers() -> dict[str, Any]:
    event = {**_COMMON_HEADERS, **_EVENT_HEADERS}
    required = [*_REQUIRED, "ce_subject", "ce_aggregatetype", "ce_sequence"]
    return {
        "EventHeaders": {"type": "object", "properties": event, "required": required},
        "InboundHeaders": {"type": "object", "properties": _COMMON_HEADERS, "required": _REQUIRED},
    }


@cache
def _data_schemas() -> Mapping[str, Any]:
    kinds: Iterable[Any] = [*EVENTS.values(), *MESSAGES.values()]
    _, schemas = models_json_schema([(kind, "serialization") for kind in kinds], ref_template=f"{_SCHEMAS}/{{model}}")
    definitions: Mapping[str, Any] = schemas["$defs"]
    return definitions


def _id(topic: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", topic)


def _operation_id(section: Section) -> str:
    return f"{'receive' if section.inbound else 'send'}_{_id(section.topic)}"
