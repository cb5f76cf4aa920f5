"""Whatever is done to the signed checkpoints, the verification finds it; what a crash leaves is no finding."""

import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crm_platform.audit.checkpoints import CheckpointWriter, public_key_file, read_checkpoints
from crm_platform.settings import AuditSettings
from platform_tests.audit.support import OURS, SERVICE, THEIRS, Chain

Change = Callable[[dict[str, Any]], None]


def _earlier(content: dict[str, Any]) -> None:
    content["at"] = "2020-01-01T00:00:00+00:00"


def _lower(content: dict[str, Any]) -> None:
    content["heads"][str(OURS)][0] -= 1


def _other_hash(content: dict[str, Any]) -> None:
    content["heads"][str(OURS)][1] = "00" * 32


def _without_us(content: dict[str, Any]) -> None:
    del content["heads"][str(OURS)]


def _moved(content: dict[str, Any]) -> None:
    content["previous"] = b64encode(bytes(64)).decode()


def _other_signature(content: dict[str, Any]) -> None:
    content["signature"] = b64encode(bytes(64)).decode()


def _unsigned(content: dict[str, Any]) -> None:
    del content["signature"]


def _strange_signature(content: dict[str, Any]) -> None:
    content["signature"] = 1


def _signed_by_another(content: dict[str, Any]) -> None:
    del content["signature"]
    spelled = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    content["signature"] = b64encode(Ed25519PrivateKey.generate().sign(spelled)).decode()


async def the_file_is_found_out(chain: Chain) -> bool:
    report = await chain.verify()
    found = [finding for finding in report.findings if finding.kind == "checkpoints"]
    return len(found) == 1 and found[0].tenant_id is None


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        _earlier,
        _lower,
        _other_hash,
        _without_us,
        _moved,
        _other_signature,
        _unsigned,
        _strange_signature,
        _signed_by_another,
    ],
)
async def test_an_edited_line_is_found(chain: Chain, number: int, change: Change) -> None:
    lines = chain.lines
    content = orjson.loads(lines[number])
    change(content)
    lines[number] = orjson.dumps(content, option=orjson.OPT_SORT_KEYS) + b"\n"
    chain.write_lines(lines)

    assert await the_file_is_found_out(chain)


@pytest.mark.parametrize("number", [0, 1])
async def test_a_removed_line_is_found(chain: Chain, number: int) -> None:
    lines = chain.lines
    del lines[number]
    chain.write_lines(lines)

    assert await the_file_is_found_out(chain)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0), (0, 1, 2, 1), (0, 0, 1, 2)])
async def test_moved_and_repeated_lines_are_found(chain: Chain, order: tuple[int, ...]) -> None:
    lines = chain.lines
    chain.write_lines([lines[number] for number in order])

    assert await the_file_is_found_out(chain)


@pytest.mark.parametrize("number", [0, 1])
async def test_a_line_made_unreadable_is_found(chain: Chain, number: int) -> None:
    lines = chain.lines
    lines[number] = b"\x00" * 40 + b"\n"
    chain.write_lines(lines)

    assert await the_file_is_found_out(chain)


async def test_another_key_is_found(chain: Chain) -> None:
    public = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    public_key_file(chain.folder, SERVICE).write_bytes(public)

    assert await the_file_is_found_out(chain)


@pytest.mark.parametrize(
    "key",
    [
        b"",
        b"no key at all",
        X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["empty", "nonsense", "another kind"],
)
async def test_a_key_that_is_none_is_found(chain: Chain, key: bytes) -> None:
    public_key_file(chain.folder, SERVICE).write_bytes(key)

    assert await the_file_is_found_out(chain)


async def test_a_missing_key_is_found(chain: Chain) -> None:
    public_key_file(chain.folder, SERVICE).unlink()

    assert await the_file_is_found_out(chain)


@pytest.mark.parametrize("gone", ["file", "lines", "folder"])
async def test_sealed_entries_without_any_checkpoint_are_found(chain: Chain, gone: str) -> None:
    if gone == "file":
        chain.file.unlink()
    elif gone == "lines":
        chain.write_lines([])
    else:
        shutil.rmtree(chain.folder)

    assert await the_file_is_found_out(chain)


async def test_a_service_that_has_recorded_nothing_needs_no_checkpoints(chain: Chain, tmp_path: Path) -> None:
    await chain.sql("DELETE FROM audit_entries")

    report = await Chain(chain.url, chain.admin_url, tmp_path / "nowhere").verify()

    assert report.findings == []
    assert report.entries == 0


async def test_checkpoints_before_a_bad_line_still_count(chain: Chain) -> None:
    await chain.sql("DELETE FROM audit_entries WHERE tenant_id = $1 AND seq > 2", OURS)
    chain.write_lines([chain.lines[0], chain.lines[2]])

    report = await chain.verify()

    assert [(finding.kind, finding.seq) for finding in report.findings] == [("checkpoints", 0), ("truncated", 3)]


def a_writer(folder: Path) -> CheckpointWriter:
    return CheckpointWriter(AuditSettings(checkpoint_dir=folder), SERVICE)


async def test_a_line_cut_short_by_a_crash_is_no_finding_wherever_it_was_cut(chain: Chain) -> None:
    before, last = chain.lines[:2], chain.lines[2]
    heads = {OURS: (9, bytes(32)), THEIRS: (5, bytes(32))}
    marks = [place for place, sign in enumerate(last) if sign in b"{}[]"]
    for length in range(len(last) + 1):
        chain.write_lines([*before, last[:length]])
        whole = list(read_checkpoints(chain.folder, SERVICE))
        assert len(whole) == (6 if length >= len(last) - 1 else 4), length
        if length not in {0, 1, *marks, *(mark + 1 for mark in marks), len(last)}:
            continue
        a_writer(chain.folder).write(heads)
        continued = list(read_checkpoints(chain.folder, SERVICE))
        assert continued[: len(whole)] == whole, length
        assert [(one.tenant_id, one.seq) for one in continued[len(whole) :]] == [(OURS, 9), (THEIRS, 5)], length


async def test_a_line_longer_than_what_is_read_at_once_is_continued(tmp_path: Path) -> None:
    many = {OURS.__class__(int=number): (1, bytes(32)) for number in range(1, 3001)}
    writer = a_writer(tmp_path)
    for _ in range(3):
        writer.write(many)

    assert len(list(read_checkpoints(tmp_path, SERVICE))) == 9000


async def test_the_key_is_kept_from_others_and_stays_the_same(tmp_path: Path) -> None:
    a_writer(tmp_path).write({OURS: (1, bytes(32))})
    private = tmp_path / f"{SERVICE}.checkpoints.key"
    first = private.read_bytes()
    a_writer(tmp_path).write({OURS: (2, bytes(32))})

    assert private.stat().st_mode & 0o777 == 0o600
    assert private.read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{SERVICE}.checkpoints.{end}" for end in ("jsonl", "key", "pub")
    ]
    assert [one.seq for one in read_checkpoints(tmp_path, SERVICE)] == [1, 2]
