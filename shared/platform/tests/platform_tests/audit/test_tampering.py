"""Whatever is done to the entries of a chain, the verification finds it."""

import pytest
from sqlalchemy import types

from crm_platform.audit.chain import CONTENT
from crm_platform.mechanism import AUDIT_ENTRIES
from platform_tests.audit.support import ALL_COLUMNS, OURS, THEIRS, Chain, rehashed

FIRST, MIDDLE, LAST = 1, 5, 8

OTHER_VALUES: dict[str, str] = {
    "tenant_id": f"'{THEIRS}'::uuid",
    "seq": "seq + 100",
    "before": """coalesce("before", '{}') || '{"name": "forged"}'""",
    "after": """coalesce("after", '{}') || '{"name": "forged"}'""",
    "reason": "coalesce(reason, '') || '.'",
}


def other_value(column: str) -> str:
    """An expression that gives another value of the column, as close to the present one as can be."""
    if column in OTHER_VALUES:
        return OTHER_VALUES[column]
    kind = AUDIT_ENTRIES.c[column].type
    for of, expression in (
        (types.Uuid, "gen_random_uuid()"),
        (types.Integer, f'"{column}" + 1'),
        (types.DateTime, f"\"{column}\" + interval '1 microsecond'"),
        (types.LargeBinary, f'set_byte("{column}", 31, get_byte("{column}", 31) # 1)'),
        (types.Text, f"\"{column}\" || ' '"),
    ):
        if isinstance(kind, of):
            return expression
    raise AssertionError(column)


def kinds(report_findings: list[tuple[str, int]]) -> set[str]:
    return {kind for kind, _ in report_findings}


async def findings(chain: Chain, *, anchored: bool = True) -> list[tuple[str, int]]:
    report = await chain.verify(anchored=anchored)
    return [(finding.kind, finding.seq) for finding in report.findings]


async def test_an_untouched_chain_is_sound(chain: Chain) -> None:
    report = await chain.verify()

    assert report.findings == []
    assert (report.entries, report.tenants, report.unsealed, report.checkpoints) == (12, 2, 0, 6)
    assert [entry["seq"] for entry in await chain.entries()] == list(range(1, 9))
    assert [entry["seq"] for entry in await chain.entries(THEIRS)] == list(range(1, 5))


def test_every_column_is_tampered_with() -> None:
    of_the_table = {column.name for column in AUDIT_ENTRIES.columns}
    assert of_the_table - set(ALL_COLUMNS) == {"id"}, "the number of the row is no content: the place is `seq`"


@pytest.mark.parametrize("seq", [FIRST, MIDDLE, LAST])
@pytest.mark.parametrize("column", ALL_COLUMNS)
async def test_a_changed_column_is_found(chain: Chain, column: str, seq: int) -> None:
    changed = await chain.sql(
        f'UPDATE audit_entries SET "{column}" = {other_value(column)} WHERE tenant_id = $1 AND seq = $2 RETURNING 1',
        OURS,
        seq,
    )

    found = await findings(chain)

    assert len(changed) == 1
    if column in CONTENT:
        assert found == [("changed", seq)]
    else:
        assert found


@pytest.mark.parametrize("column", [*(name for name in ALL_COLUMNS if AUDIT_ENTRIES.c[name].nullable)])
async def test_an_emptied_column_is_found(chain: Chain, column: str) -> None:
    changed = await chain.sql(
        f'UPDATE audit_entries SET "{column}" = NULL WHERE tenant_id = $1 AND seq = $2 AND "{column}" IS NOT NULL'
        " RETURNING 1",
        OURS,
        MIDDLE,
    )

    assert len(changed) == 1
    assert await findings(chain)


@pytest.mark.parametrize("seq", [FIRST, MIDDLE, LAST])
@pytest.mark.parametrize("renumber", [False, True])
async def test_a_removed_entry_is_found(chain: Chain, seq: int, renumber: bool) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq = $2", OURS, seq)
    if renumber:
        for place in range(seq + 1, LAST + 1):
            await chain.sql("UPDATE audit_entries SET seq = $2 - 1 WHERE tenant_id = $1 AND seq = $2", OURS, place)

    found = await findings(chain)

    if seq == LAST:
        assert found == [("truncated", LAST)]
    elif renumber:
        assert ("truncated", LAST) in found
        assert ("changed", seq) in found
    else:
        assert found == [("removed", seq)]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (3, 7), (7, 8)])
@pytest.mark.parametrize("columns", [CONTENT, (*CONTENT, "previous_hash", "hash")], ids=["content", "whole"])
async def test_two_entries_that_changed_places_are_found(
    chain: Chain, one: int, other: int, columns: tuple[str, ...]
) -> None:
    entries = await chain.entries()
    left, right = entries[one - 1], entries[other - 1]
    for name in columns:
        left[name], right[name] = right[name], left[name]
    await chain.replace(entries)

    found = await findings(chain)

    assert {seq for kind, seq in found if kind == "changed"} == {one, other}


@pytest.mark.parametrize("place", [0, 4])
@pytest.mark.parametrize("chained", [False, True])
async def test_a_forged_entry_between_others_is_found(chain: Chain, place: int, chained: bool) -> None:
    entries = await chain.entries()
    forged = {**entries[place], "actor": "user:4711"}
    entries.insert(place, forged)
    if chained:
        entries = rehashed(entries)
    else:
        entries = [{**entry, "seq": seq} for seq, entry in enumerate(entries, 1)]
    await chain.replace(entries)

    found = await findings(chain)

    assert kinds(found) == ({"rewritten"} if chained else {"changed", "reordered", "rewritten"})
    assert (await findings(chain, anchored=False) == []) is chained


async def test_a_forged_entry_behind_the_last_is_found_unless_it_is_chained_as_a_real_one(chain: Chain) -> None:
    entries = await chain.entries()
    await chain.replace([*entries, {**entries[-1], "seq": 9}])

    assert await findings(chain) == [("reordered", 9), ("changed", 9)]


@pytest.mark.parametrize("start", range(1, 9))
async def test_a_chain_that_was_rewritten_consistently_is_revealed_by_the_checkpoints(chain: Chain, start: int) -> None:
    entries = await chain.entries()
    entries[start - 1]["reason"] = "forged"
    await chain.replace(rehashed(entries, start=start))

    found = await findings(chain)

    assert await findings(chain, anchored=False) == []
    assert found == [("rewritten", seq) for seq in (3, 6, 8) if seq >= start]


@pytest.mark.parametrize("kept", range(8))
async def test_a_cut_off_end_is_revealed_by_the_checkpoints(chain: Chain, kept: int) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq > $2", OURS, kept)

    assert await findings(chain, anchored=False) == []
    assert await findings(chain) == [("truncated", LAST)]


async def test_everything_removed_is_revealed_by_the_checkpoints(chain: Chain) -> None:
    await chain.sql("DELETE FROM audit_entries")

    assert sorted(await findings(chain)) == [("truncated", 4), ("truncated", 8)]


@pytest.mark.parametrize("cut", [1, 2, 3])
async def test_a_cut_off_end_that_has_grown_again_is_found(chain: Chain, cut: int) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq > $2", OURS, LAST - cut)
    await chain.enter(*(f"Later {number}" for number in range(cut)))
    assert await chain.seal() == cut

    found = await findings(chain)

    assert await findings(chain, anchored=False) == []
    assert ("rewritten", LAST) in found


async def test_entries_that_were_unsealed_and_sealed_again_are_found(chain: Chain) -> None:
    await chain.sql(
        "UPDATE audit_entries SET actor = 'user:4711', seq = NULL, previous_hash = NULL, hash = NULL"
        " WHERE tenant_id = $1 AND seq > 6",
        OURS,
    )
    assert await chain.seal() == 2

    assert set(await findings(chain)) == {("rewritten", LAST)}


async def test_an_entry_of_another_company_does_not_fit_into_ours(chain: Chain) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq = 1", OURS)
    await chain.sql(
        "UPDATE audit_entries SET tenant_id = $1 WHERE tenant_id = $2 AND seq = 1",
        OURS,
        THEIRS,
    )

    report = await chain.verify()

    found = {(finding.kind, finding.tenant_id, finding.seq) for finding in report.findings}
    assert ("changed", OURS, 1) in found
    assert ("removed", THEIRS, 1) in found
