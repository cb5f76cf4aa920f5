"""Properties of the chain, for any content and any number of companies."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_platform.audit.chain import CONTENT, GENESIS, entry_hash
from crm_platform.audit.checkpoints import Checkpoint
from crm_platform.audit.verify import ChainVerifier, Report

Row = dict[str, Any]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
DOCUMENTS = st.none() | st.dictionaries(
    TEXT, st.recursive(VALUES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2))
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENTRIES = st.fixed_dictionaries(
    {
        "entry_id": st.uuids(),
        "aggregate_type": TEXT,
        "aggregate_id": st.uuids(),
        "version": st.integers(1, 2**31 - 1),
        "action": TEXT,
        "actor": TEXT,
        "at": MOMENTS,
        "before": DOCUMENTS,
        "after": DOCUMENTS,
        "reason": st.none() | TEXT,
        "correlation_id": st.uuids(),
    }
)
COMPANIES = st.dictionaries(st.uuids(), st.lists(ENTRIES, min_size=1, max_size=5), min_size=1, max_size=3)


def chained(tenant: UUID, entries: list[Row]) -> list[Row]:
    rows: list[Row] = []
    previous = GENESIS
    for seq, entry in enumerate(entries, 1):
        row = {**entry, "tenant_id": tenant, "seq": seq, "previous_hash": previous}
        previous = row["hash"] = entry_hash(previous, tenant, seq, row)
        rows.append(row)
    return rows


def sealed(companies: dict[UUID, list[Row]]) -> tuple[list[Row], list[Checkpoint]]:
    """All rows as they come from the database, and a checkpoint of the end of each chain."""
    chains = [chained(tenant, entries) for tenant, entries in sorted(companies.items())]
    checkpoints = [Checkpoint(rows[-1]["tenant_id"], rows[-1]["seq"], rows[-1]["hash"], "") for rows in chains]
    return [row for rows in chains for row in rows], checkpoints


def verified(rows: list[Row], checkpoints: list[Checkpoint]) -> Report:
    verifier = ChainVerifier(checkpoints)
    for row in sorted(rows, key=lambda row: (row["tenant_id"], row["seq"])):
        verifier.take(row)
    return verifier.finish()


def change(rows: list[Row], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    column = data.draw(st.sampled_from(CONTENT))
    value = data.draw(ENTRIES)[column]
    row[column] = value


def remove(rows: list[Row], data: st.DataObject) -> None:
    del rows[data.draw(st.integers(0, len(rows) - 1))]


def swap(rows: list[Row], data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from(rows)) for _ in range(2))
    for column in data.draw(st.sampled_from([CONTENT, ("seq",), ("tenant_id", "seq"), (*CONTENT, "hash")])):
        one[column], other[column] = other[column], one[column]


def repeat(rows: list[Row], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows))
    rows.append({**row, "seq": row["seq"] + data.draw(st.integers(0, 3))})


def cut(rows: list[Row], data: st.DataObject) -> None:
    tenant = data.draw(st.sampled_from(rows))["tenant_id"]
    kept = data.draw(st.integers(0, 4))
    rows[:] = [row for row in rows if row["tenant_id"] != tenant or row["seq"] <= kept]


def rewrite(rows: list[Row], data: st.DataObject) -> None:
    tenant = data.draw(st.sampled_from(rows))["tenant_id"]
    theirs = [row for row in rows if row["tenant_id"] == tenant]
    change(theirs, data)
    others = [row for row in rows if row["tenant_id"] != tenant]
    rows[:] = others + chained(tenant, theirs)


FORGERIES: list[Callable[[list[Row], st.DataObject], None]] = [change, remove, swap, repeat, cut, rewrite]


def spelled(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)


@given(COMPANIES)
@settings(max_examples=15, deadline=None)
def test_what_was_sealed_is_sound(companies: dict[UUID, list[Row]]) -> None:
    rows, checkpoints = sealed(companies)

    report = verified(rows, checkpoints)

    assert report.findings == []
    assert (report.entries, report.tenants) == (len(rows), len(companies))


@given(COMPANIES, st.data())
@settings(max_examples=120, deadline=None)
def test_whatever_is_done_to_entries_is_found(companies: dict[UUID, list[Row]], data: st.DataObject) -> None:
    rows, checkpoints = sealed(companies)
    before = spelled(rows)
    for forge in data.draw(st.lists(st.sampled_from(FORGERIES), min_size=1, max_size=3)):
        if rows:
            forge(rows, data)

    # What was added behind the last checkpoint can only be seen once there is a later one.
    ends = {checkpoint.tenant_id: checkpoint.seq for checkpoint in checkpoints}
    anchored = [row for row in rows if row["seq"] <= ends.get(row["tenant_id"], 0)]
    report = verified(rows, checkpoints)
    if spelled(anchored) != before:
        assert not report.sound
    elif spelled(rows) == before:
        assert report.sound


@given(st.lists(ENTRIES, min_size=2, max_size=6), st.uuids(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_chain_written_anew_is_found_up_to_the_last_checkpoint(
    entries: list[Row], tenant: UUID, data: st.DataObject
) -> None:
    rows = chained(tenant, entries)
    anchor = data.draw(st.integers(1, len(rows)))
    changed = data.draw(st.integers(1, len(rows)))
    checkpoint = Checkpoint(tenant, anchor, rows[anchor - 1]["hash"], "")
    forged = chained(tenant, [{**row, "actor": row["actor"] + "!"} if row["seq"] == changed else row for row in rows])

    assert verified(forged, []).sound
    assert verified(forged, [checkpoint]).sound is (changed > anchor)
