"""`crm audit verify` on a service that does not run: only its database and the checkpoints are there."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from platform_tests.audit.support import OURS, SERVICE, Chain


@dataclass(frozen=True)
class Outcome:
    status: int
    output: str


async def crm_audit_verify(*arguments: object) -> Outcome:
    """Run the command as an auditor would, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crm_runtime", "audit", "verify", *map(str, arguments)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"COLUMNS": "200", "NO_COLOR": "1"},
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return Outcome(process.returncode, output.decode())


@pytest.fixture
def folder(chain: Chain, tmp_path: Path) -> Path:
    """One folder per service, as `crm up` keeps the checkpoints."""
    place = tmp_path / "audit"
    place.mkdir()
    (place / SERVICE).symlink_to(chain.folder)
    return place


async def test_the_command_says_whether_a_chain_is_sound(chain: Chain, folder: Path) -> None:
    place = ("--url", chain.url, "--service", SERVICE, "--checkpoints", folder)
    sound = await crm_audit_verify(*place)
    await chain.sql("UPDATE audit_entries SET actor = 'user:4711' WHERE tenant_id = $1 AND seq = 4", OURS)
    changed = await crm_audit_verify(*place)

    assert sound.status == 0, sound.output
    assert SERVICE in sound.output
    assert "sound" in sound.output
    assert changed.status == 1, changed.output
    assert f"changed {SERVICE}, tenant {OURS}, entry 4" in changed.output
    assert "1 findings" in changed.output


async def test_the_command_reads_the_checkpoints(chain: Chain, folder: Path, tmp_path: Path) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq = 8", OURS)
    place = ("--url", chain.url, "--service", SERVICE)
    cut, without, wrong = [
        await crm_audit_verify(*place, *more)
        for more in (
            ("--checkpoints", folder),
            ("--data-dir", tmp_path / "nothing"),
            ("--checkpoints", tmp_path / "nowhere"),
        )
    ]

    assert (cut.status, "truncated" in cut.output) == (1, True), cut.output
    assert (without.status, "truncated" in without.output) == (0, False), without.output
    assert (wrong.status, "no signed checkpoints" in wrong.output) == (1, True), wrong.output


async def test_the_command_says_what_it_cannot_do(chain: Chain, tmp_path: Path) -> None:
    nameless, nowhere = [
        await crm_audit_verify("--data-dir", tmp_path / "nothing", "--url", url, *more)
        for url, more in ((chain.url, ()), (chain.url.replace("customer_svc", "nobody"), ("--service", SERVICE)))
    ]

    assert nameless.status != 0
    assert "--service" in nameless.output
    assert nowhere.status != 0
    assert "nobody" in nowhere.output
    assert "Traceback" not in nowhere.output
