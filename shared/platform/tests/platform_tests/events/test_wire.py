from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_platform.events.kafka import partition_for
from crm_platform.events.wire import (
    FIRST_EPOCH,
    LogEpoch,
    MalformedError,
    OutboxRow,
    RawRecord,
    decode,
    encode_headers,
    encode_time,
)
from crm_platform.ids import new_id

text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def outbox_row(**changes: Any) -> OutboxRow:
    return OutboxRow(
        id=1,
        event_id=new_id(),
        tenant_id=new_id(),
        aggregate_type="thing",
        aggregate_id=new_id(),
        version=3,
        snapshot=False,
        type="thing.changed",
        topic="t",
        occurred_at=datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC),
        headers={},
        payload=b'{"state": {"name": "\xe5\xbc\xa0\xe4\xbc\x9f"}}',
    )._replace(**changes)


def raw(row: OutboxRow, epoch: LogEpoch = FIRST_EPOCH) -> RawRecord:
    headers = encode_headers(row, source=b"/crm/x-svc", epoch=epoch.encode())
    return RawRecord(row.topic, 2, 7, str(row.aggregate_id).encode(), headers, row.payload)


@given(
    version=st.integers(1, 2**31 - 1),
    actor=text,
    moment=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    ids=st.tuples(st.uuids(), st.uuids(), st.uuids()),
    epoch=st.builds(LogEpoch, st.integers(1, 99), st.lists(st.integers(0, 2**40), min_size=1, max_size=8).map(tuple)),
)
def test_row_survives_the_wire(
    version: int, actor: str, moment: datetime, ids: tuple[UUID, UUID, UUID], epoch: LogEpoch
) -> None:
    snapshot = version % 2 == 0
    row = outbox_row(
        version=version,
        snapshot=snapshot,
        occurred_at=moment,
        aggregate_id=ids[0],
        headers={"actor": actor, "correlation_id": str(ids[1]), "causation_id": str(ids[2]), "origin": None},
    )
    record = decode(raw(row, epoch))
    assert (record.event_id, record.tenant_id, record.type) == (row.event_id, row.tenant_id, row.type)
    assert (record.aggregate_type, record.aggregate_id, record.version) == ("thing", ids[0], version)
    assert (record.time, record.snapshot, record.actor, record.origin) == (moment, snapshot, actor, "")
    assert (record.correlation_id, record.causation_id, record.epoch) == (ids[1], ids[2], epoch)
    assert record.data["state"] == {"name": "张伟"}


def test_headers_are_those_of_cloudevents() -> None:
    row = outbox_row()
    headers = dict(raw(row).headers)
    assert headers == {
        "ce_specversion": b"1.0",
        "ce_id": str(row.event_id).encode(),
        "ce_source": b"/crm/x-svc",
        "ce_type": b"thing.changed",
        "ce_time": b"2026-03-04T05:06:07.000890Z",
        "ce_subject": str(row.aggregate_id).encode(),
        "content-type": b"application/json",
        "ce_partitionkey": str(row.aggregate_id).encode(),
        "ce_tenantid": str(row.tenant_id).encode(),
        "ce_aggregatetype": b"thing",
        "ce_sequence": b"3",
        "ce_logepoch": b"1:0",
    }


@pytest.mark.parametrize("header", ["ce_id", "ce_source", "ce_type", "ce_time", "ce_tenantid", "ce_aggregatetype"])
def test_missing_attribute_is_named(header: str) -> None:
    whole = raw(outbox_row())
    without = RawRecord("t", 0, 0, None, [pair for pair in whole.headers if pair[0] != header], whole.value)
    with pytest.raises(MalformedError, match=f"^{header} is missing$"):
        decode(without)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("ce_time", b"2026-01-01T00:00:00"),
        ("ce_sequence", b"0"),
        ("ce_sequence", b"3000000000"),
        ("ce_sequence", b"one"),
        ("ce_tenantid", b"me"),
        ("ce_correlationid", b"x"),
        ("ce_logepoch", b"1"),
        ("ce_logepoch", b"a:b"),
        ("ce_actor", b"\xff\xfe"),
    ],
)
def test_wrong_attribute_is_refused(header: str, value: bytes) -> None:
    whole = raw(outbox_row())
    headers = [pair for pair in whole.headers if pair[0] != header]
    with pytest.raises(MalformedError):
        decode(RawRecord("t", 0, 0, None, [*headers, (header, value)], whole.value))


def test_id_of_a_partner_need_not_be_a_uuid_but_is_unique_with_its_source() -> None:
    whole = raw(outbox_row())

    def identity(source: bytes, name: bytes) -> UUID:
        changed = {"ce_source": source, "ce_id": name}
        headers = [(key, changed.get(key, value)) for key, value in whole.headers]
        return decode(RawRecord("t", 0, 0, None, headers, whole.value)).event_id

    assert identity(b"/erp", b"A-1") == identity(b"/erp", b"A-1")
    assert len({identity(b"/erp", b"A-1"), identity(b"/oa", b"A-1"), identity(b"/erp", b"A-2")}) == 3


def test_time_is_written_in_utc() -> None:
    assert encode_time(datetime.fromisoformat("2026-05-01T08:00:00+08:00")) == b"2026-05-01T00:00:00Z"


def test_partition_is_that_of_every_kafka_client() -> None:
    # Values of the Java client's murmur2 for these keys, modulo 6.
    keys = [b"21", b"foobar", b"a-little-bit-long-string", b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"]
    hashes = [-973932308, -790332482, -985981536, -58897971]
    assert [partition_for(key, 6) for key in keys] == [(value & 0x7FFFFFFF) % 6 for value in hashes]
