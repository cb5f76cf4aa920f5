"""P9: whatever somebody with all rights in the database does to sealed audit entries is found, offline."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm_platform.audit.chain import CONTENT
from crm_platform.audit.checkpoints import Checkpoint
from crm_platform.testing.identity import caller
from crm_platform.testing.plugin import StartService
from customer_svc.slices import SERVICE
from tests.promises.chain import COLUMNS, Chains, Row, findings, history, rechained, swapped
from tests.promises.conftest import SCALE, Scale, Tell
from tests.real_system import crm

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

OURS, THEIRS = caller(), caller()
ENTRIES: int = SCALE.of(200, 1000)
GOES = 4
"""The entries are sealed in so many goes, each with a signed checkpoint."""


@dataclass(frozen=True)
class Sealed:
    """What was sealed."""

    chains: Chains
    rows: list[Row]
    checkpoints: list[Checkpoint]

    @property
    def ours(self) -> list[Row]:
        return [row for row in self.rows if row["tenant_id"] == OURS.tenant_id]

    def with_ours(self, rows: list[Row]) -> list[Row]:
        """All rows, with these for those of our company."""
        return [row for row in self.rows if row["tenant_id"] != OURS.tenant_id] + rows


@pytest.fixture(scope="module")
async def built(start_shared_service: StartService) -> Sealed:
    chains = Chains(await start_shared_service(SERVICE))
    for _ in range(GOES):
        await history(chains.service, OURS, ENTRIES // GOES)
        await history(chains.service, THEIRS, 10)
        await chains.seal()
    async with chains.superuser() as attacker:
        # Somebody who tampers is not held up by a unique index.
        await attacker.execute("DROP INDEX uq_audit_entries_chain")
    return Sealed(chains, await chains.rows(), chains.checkpoints())


@pytest.fixture
async def sealed(built: Sealed) -> AsyncIterator[Sealed]:
    """The entries as they were sealed; what the test does to them in the database is undone."""
    yield built
    await built.chains.replace(built.rows)


async def test_untouched_entries_raise_no_alarm(sealed: Sealed, tell: Tell) -> None:
    report = await sealed.chains.verify()

    assert report.findings == findings(sealed.rows, sealed.checkpoints) == []
    assert (report.tenants, report.entries, report.unsealed) == (2, ENTRIES + 10 * GOES, 0)
    assert report.checkpoints >= 2 * GOES
    tell(f"P9  {report.entries} untouched entries, {report.checkpoints} checkpoints: 0 findings")


async def test_each_column_of_each_entry(sealed: Sealed, tell: Tell) -> None:
    missed: list[tuple[str, int]] = []
    tried = 0
    for column in COLUMNS:
        changed = await sealed.chains.mutated(column)
        for index, row in enumerate(sealed.rows):
            if row["tenant_id"] != OURS.tenant_id:
                continue
            forged = changed[row["id"]]
            assert [name for name in row if forged[name] != row[name]] == [column]
            found = findings([*sealed.rows[:index], forged, *sealed.rows[index + 1 :]], sealed.checkpoints)
            exact = [(finding.kind, finding.seq) for finding in found] == [("changed", row["seq"])]
            tried += 1
            if not found or (column in CONTENT and not exact):
                missed.append((column, row["seq"]))

    assert missed == []
    assert tried == ENTRIES * len(COLUMNS)
    tell(f"P9  {ENTRIES} entries × {len(COLUMNS)} columns changed one at a time: {tried} found, 0 missed")


@pytest.mark.parametrize("column", COLUMNS)
async def test_the_auditor_sees_the_same_from_outside(sealed: Sealed, scale: Scale, column: str) -> None:
    row = scale.random(f"P9/{column}").choice(sealed.ours)
    changed = (await sealed.chains.mutated(column))[row["id"]]
    tampered = [changed if one["id"] == row["id"] else one for one in sealed.rows]
    await sealed.chains.replace(tampered)

    report = await sealed.chains.verify()

    assert report.findings == findings(tampered, sealed.checkpoints) != []


def test_each_entry_removed_exchanged_or_added_and_each_end_cut_off_or_forged(sealed: Sealed, tell: Tell) -> None:
    rows, missed, tried = sealed.ours, [], Counter[str]()

    def judge(what: str, place: int, forged: list[Row]) -> None:
        tried[what] += 1
        if not findings(sealed.with_ours(forged), sealed.checkpoints):
            missed.append((what, place))

    for place, row in enumerate(rows):
        judge("removed", place, rows[:place] + rows[place + 1 :])
        judge("removed, the rest chained anew", place, rechained(rows[:place] + rows[place + 1 :], place))
        judge("ends cut off", place, rows[:place])
        judge(
            "changed, the rest chained anew", place, rechained([*rows[:place], _forged(row), *rows[place + 1 :]], place)
        )
        if place + 1 < len(rows):
            judge("entered twice", place, rechained([*rows[: place + 1], *rows[place:]], place + 1))
            judge("neighbours exchanged", place, swapped(rows, place, place + 1))
            judge("neighbours exchanged, chained anew", place, rechained(swapped(rows, place, place + 1), place))

    assert missed == []
    tell("P9  " + ", ".join(f"{number} {what}" for what, number in tried.items()) + ": 0 missed")


def _forged(row: Row) -> Row:
    return {**row, "actor": f"user:{UUID(int=0)}"}


async def test_two_entries_anywhere_exchanged(sealed: Sealed, scale: Scale) -> None:
    pick = scale.random("P9/exchange")
    for _ in range(scale.of(20, 200)):
        one, other = pick.sample(range(len(sealed.ours)), 2)
        found = findings(sealed.with_ours(swapped(sealed.ours, one, other)), sealed.checkpoints)
        assert {finding.seq for finding in found if finding.kind == "changed"} == {one + 1, other + 1}


@pytest.mark.parametrize("how", ["whole chain anew", "company gone", "all gone"])
async def test_a_whole_chain_replaced(sealed: Sealed, how: str) -> None:
    forged: dict[str, list[Row]] = {
        "whole chain anew": sealed.with_ours(rechained([_forged(row) for row in sealed.ours])),
        "company gone": sealed.with_ours([]),
        "all gone": [],
    }
    await sealed.chains.replace(forged[how])

    report = await sealed.chains.verify()

    kinds = {finding.kind for finding in report.findings}
    assert kinds == ({"rewritten"} if how == "whole chain anew" else {"truncated"})


async def test_an_end_that_was_cut_off_and_sealed_over_is_found(built: Sealed, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(built.chains.folder, kept)
    await built.chains.replace(built.with_ours(built.ours[:-7]))
    await history(built.chains.service, OURS, 10)
    await built.chains.seal()

    report = await built.chains.verify()
    await built.chains.replace(built.rows)
    shutil.copytree(kept, built.chains.folder, dirs_exist_ok=True)

    assert {finding.kind for finding in report.findings} == {"rewritten"}


async def test_what_is_newer_than_the_last_checkpoint_cannot_be_proved(sealed: Sealed, tell: Tell) -> None:
    last = max(one.seq for one in sealed.checkpoints if one.tenant_id == OURS.tenant_id)
    known = [one for one in sealed.checkpoints if one.tenant_id != OURS.tenant_id or one.seq < last]
    proved = max(one.seq for one in known if one.tenant_id == OURS.tenant_id)
    rows = sealed.ours

    def forged_at(place: int) -> list[Row]:
        return sealed.with_ours(rechained([*rows[:place], _forged(rows[place]), *rows[place + 1 :]], place))

    assert findings(forged_at(proved - 1), known) != []
    assert findings(forged_at(proved), known) == []
    assert findings(sealed.with_ours(rows[:proved]), known) == []
    assert findings(sealed.with_ours(rechained([*rows, rows[-1]], last)), sealed.checkpoints) == []
    tell(
        "P9  not found, as it cannot be: entries newer than the last checkpoint, forged and chained as the sealer would"
    )


async def test_the_command_says_it(sealed: Sealed) -> None:
    url = sealed.chains.service.settings.db.url
    arguments = ("audit", "verify", "--url", url, "--service", SERVICE.name, "--checkpoints", str(sealed.chains.folder))
    sound: Any = crm(*arguments)
    await sealed.chains.replace(sealed.with_ours(swapped(sealed.ours, 3, 4)))
    tampered: Any = crm(*arguments)

    assert (sound.returncode, tampered.returncode) == (0, 1), sound.stdout + tampered.stdout
    assert "4 findings" in tampered.stdout or "2 findings" in tampered.stdout
