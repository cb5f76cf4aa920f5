"""Events on the wire: CloudEvents 1.0 in Kafka's binary form, from outbox rows and to `Record`s.

Attributes travel as headers, the value is the JSON data alone, and the key is the aggregate's id. Writing is
strict; reading names the reason for every refusal, since a record that cannot be read becomes a dead letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson

SPEC_VERSION: Final = b"1.0"
CONTENT_TYPE: Final = b"application/json"
EPOCH_HISTORY: Final = 8
"""How many truncations a record tells of; a consumer that missed more of them rewinds to the beginning."""

Headers = Sequence[tuple[str, bytes]]


class MalformedError(ValueError):
    """A record that is not an event of ours. The message is the reason, fit for a dead letter."""


class GateKey(NamedTuple):
    """What versions are counted for: one aggregate."""

    aggregate_type: str
    aggregate_id: UUID


class LogEpoch(NamedTuple):
    """How often a partition's log was cut off, and where.

    Written `<epoch>:<offset>[,<offset before>...]`, the latest truncation first, at most `EPOCH_HISTORY` of them.
    """

    number: int
    truncations: tuple[int, ...]

    def encode(self) -> bytes:
        """The header's value."""
        return f"{self.number}:{','.join(map(str, self.truncations))}".encode()

    @classmethod
    def decode(cls, value: str) -> LogEpoch:
        """Read the header's value.

        Raises:
            MalformedError: It is not of that form.
        """
        number, _, offsets = value.partition(":")
        try:
            return cls(int(number), tuple(map(int, offsets.split(","))))
        except ValueError:
            message = f"ce_logepoch is not <epoch>:<offset>: {value!r}"
            raise MalformedError(message) from None


FIRST_EPOCH: Final = LogEpoch(1, (0,))
"""The epoch of a log that never lost anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One event as received."""

    topic: str
    partition: int
    offset: int
    event_id: UUID
    type: str
    source: str
    time: datetime
    tenant_id: UUID
    subject: str
    """What the event is about; for an event with a version it is the aggregate's id."""
    gate_key: GateKey | None
    """Aggregate whose version is counted; None for events that have no version."""
    version: int
    """Version of the aggregate after the change, from 1 on; 0 for events that have none."""
    snapshot: bool
    """The state as it stands, sent on request, rather than a change."""
    correlation_id: UUID | None
    causation_id: UUID | None
    actor: str
    origin: str
    traceparent: str | None
    epoch: LogEpoch | None
    data: dict[str, Any]
    """The JSON data: for events of our own `state`, `changed` and `reason`."""
    raw: RawRecord
    """The record as it lay in the log."""

    @property
    def aggregate_type(self) -> str:
        """Kind of aggregate that changed; empty for an event without a version."""
        return self.gate_key.aggregate_type if self.gate_key else ""

    @property
    def aggregate_id(self) -> UUID:
        """The aggregate that changed.

        Raises:
            ValueError: The event has no version and its subject is not a UUID.
        """
        return self.gate_key.aggregate_id if self.gate_key else UUID(self.subject)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record of the log before it is understood."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    value: bytes | None


class OutboxRow(NamedTuple):
    """An outbox row that waits to be published; the field order is that of `OUTBOX_COLUMNS`."""

    id: int
    event_id: UUID
    tenant_id: UUID
    aggregate_type: str
    aggregate_id: UUID
    version: int
    snapshot: bool
    type: str
    topic: str
    occurred_at: datetime
    headers: Mapping[str, str | None]
    payload: bytes


OUTBOX_COLUMNS: Final = ", ".join(OutboxRow._fields)

_CONTEXT_HEADERS: Final = (
    ("correlation_id", "ce_correlationid"),
    ("causation_id", "ce_causationid"),
    ("actor", "ce_actor"),
    ("origin", "ce_origin"),
    ("traceparent", "traceparent"),
)


def encode_headers(row: OutboxRow, *, source: bytes, epoch: bytes) -> list[tuple[str, bytes]]:
    """Headers of the record for `row`; `epoch` is an encoded `LogEpoch` of the partition it goes to."""
    subject = str(row.aggregate_id).encode()
    headers = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", str(row.event_id).encode()),
        ("ce_source", source),
        ("ce_type", row.type.encode()),
        ("ce_time", encode_time(row.occurred_at)),
        ("ce_subject", subject),
        ("content-type", CONTENT_TYPE),
        ("ce_partitionkey", subject),
        ("ce_tenantid", str(row.tenant_id).encode()),
        ("ce_aggregatetype", row.aggregate_type.encode()),
        ("ce_sequence", b"%d" % row.version),
        ("ce_logepoch", epoch),
    ]
    if row.snapshot:
        headers.append(("ce_snapshot", b"true"))
    for name, header in _CONTEXT_HEADERS:
        value = row.headers.get(name)
        if value:
            headers.append((header, value.encode()))
    return headers


def encode_time(moment: datetime) -> bytes:
    """RFC 3339 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()


def decode(raw: RawRecord) -> Record:
    """Understand a record.

    Raises:
        MalformedError: A required attribute is missing or wrong, or the value is not a JSON object.
    """
    attributes = decode_headers(raw.headers)
    if attributes.get("ce_specversion") != "1.0":
        message = f"ce_specversion is {attributes.get('ce_specversion')!r}, not '1.0'"
        raise MalformedError(message)
    subject = attributes.get("ce_subject", "")
    version = _version(attributes)
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        event_id=event_id_of(attributes),
        type=_required(attributes, "ce_type"),
        source=_required(attributes, "ce_source"),
        time=_time(_required(attributes, "ce_time")),
        tenant_id=_tenant(_required(attributes, "ce_tenantid")),
        subject=subject,
        gate_key=_gate_key(attributes, subject) if version else None,
        version=version,
        snapshot=attributes.get("ce_snapshot") == "true",
        correlation_id=_optional_uuid(attributes, "ce_correlationid"),
        causation_id=_optional_uuid(attributes, "ce_causationid"),
        actor=attributes.get("ce_actor", ""),
        origin=attributes.get("ce_origin", ""),
        traceparent=attributes.get("traceparent"),
        epoch=decode_epoch(attributes),
        data=_data(raw.value),
        raw=raw,
    )


def decode_headers(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Headers as text.

    Raises:
        MalformedError: A value is not UTF-8.
    """
    try:
        return {name: value.decode() for name, value in headers}
    except (UnicodeDecodeError, AttributeError):
        message = "a header is not UTF-8 text"
        raise MalformedError(message) from None


def decode_epoch(attributes: Mapping[str, str]) -> LogEpoch | None:
    """The log epoch that a record tells of; None for senders that do not count epochs."""
    value = attributes.get("ce_logepoch")
    return _epoch(value) if value else None


@lru_cache(maxsize=1024)
def _epoch(value: str) -> LogEpoch:
    return LogEpoch.decode(value)


def _required(attributes: Mapping[str, str], name: str) -> str:
    value = attributes.get(name)
    if not value:
        message = f"{name} is missing"
        raise MalformedError(message)
    return value


@lru_cache(maxsize=4096)
def _tenant(value: str) -> UUID:
    return _uuid("ce_tenantid", value)


def _uuid(name: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        message = f"{name} is not a UUID: {value!r}"
        raise MalformedError(message) from None


def _optional_uuid(attributes: Mapping[str, str], name: str) -> UUID | None:
    value = attributes.get(name)
    return _uuid(name, value) if value else None


def event_id_of(attributes: Mapping[str, str]) -> UUID:
    """The event's id; a partner's id need not be a UUID, it is unique together with its source.

    Raises:
        MalformedError: Id or source is missing.
    """
    value = _required(attributes, "ce_id")
    try:
        return UUID(value)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"{_required(attributes, 'ce_source')}#{value}")


def _time(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        message = f"ce_time is not an RFC 3339 time: {value!r}"
        raise MalformedError(message) from None
    if moment.tzinfo is None:
        message = f"ce_time has no offset: {value!r}"
        raise MalformedError(message)
    return moment


def _version(attributes: Mapping[str, str]) -> int:
    value = attributes.get("ce_sequence")
    if value is None:
        return 0
    if not value.isascii() or not value.isdecimal() or not 0 < int(value) < 2**31:
        message = f"ce_sequence is not a version: {value!r}"
        raise MalformedError(message)
    return int(value)


def _gate_key(attributes: Mapping[str, str], subject: str) -> GateKey:
    aggregate_type = _required(attributes, "ce_aggregatetype")
    return GateKey(aggregate_type, _uuid("ce_subject", subject))


def _data(value: bytes | None) -> dict[str, Any]:
    try:
        data = orjson.loads(value or b"")
    except orjson.JSONDecodeError as error:
        message = f"the value is not JSON: {error}"
        raise MalformedError(message) from None
    if not isinstance(data, dict):
        message = f"the value is a JSON {type(data).__name__}, not an object"
        raise MalformedError(message)
    return data
