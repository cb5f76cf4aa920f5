"""Signed heads of the chains, kept outside the service's database.

Whoever can rewrite a whole chain in the database cannot forge these: they are signed with Ed25519, chained
to each other, appended to a file, and written to the log, which in production leaves the machine.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from uuid import UUID

import orjson
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from crm_platform.clock import utc_now
from crm_platform.settings import AuditSettings

_log = structlog.get_logger(__name__)

_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of one tenant's chain at one moment."""

    tenant_id: UUID
    seq: int
    hash: bytes
    at: str


class BadCheckpoint(ValueError):
    """The file of checkpoints was tampered with."""


def checkpoint_file(folder: Path, service: str) -> Path:
    """Where the checkpoints of a service are."""
    return folder / f"{service}.checkpoints.jsonl"


def public_key_file(folder: Path, service: str) -> Path:
    """Where the key to check them with is; keep a copy elsewhere."""
    return folder / f"{service}.checkpoints.pub"


class CheckpointWriter:
    """Appends signed checkpoints to the file of one service."""

    def __init__(self, settings: AuditSettings, service: str) -> None:
        self._settings = settings
        self._folder = settings.checkpoint_dir
        self._service = service
        self._key: Ed25519PrivateKey | None = None

    def write(self, heads: Mapping[UUID, tuple[int, bytes]]) -> None:
        """Append one line with ``heads`` and sync it to the disk.

        Several copies of a worker may share the file: each waits for the line of the other to be whole.
        """
        key = self._signing_key()
        file = checkpoint_file(self._folder, self._service)
        with file.open("ab+") as lines:
            fcntl.flock(lines, fcntl.LOCK_EX)
            content = {
                "previous": _last_signature(lines),
                "at": utc_now().isoformat(),
                "heads": {str(tenant): [seq, digest.hex()] for tenant, (seq, digest) in sorted(heads.items())},
            }
            spelled = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
            signature = b64encode(key.sign(spelled)).decode()
            lines.write(orjson.dumps({**content, "signature": signature}, option=orjson.OPT_SORT_KEYS) + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
        _log.info("audit_checkpoint", **content, signature=signature)

    def _signing_key(self) -> Ed25519PrivateKey:
        if self._key is None:
            self._key = signing_key(self._settings, self._service)
            public_key_file(self._folder, self._service).write_bytes(public_pem(self._key))
        return self._key


def signing_key(settings: AuditSettings, service: str) -> Ed25519PrivateKey:
    """The key with which a service signs: that of the settings, or else one in its folder, which is made when needed.

    Raises:
        TypeError: It is no Ed25519 key.
    """
    settings.checkpoint_dir.mkdir(parents=True, exist_ok=True)
    pem = settings.signing_key.get_secret_value().encode() if settings.signing_key else None
    if pem is None:
        private = settings.checkpoint_dir / f"{service}.checkpoints.key"
        if not private.exists():
            _make_key(private)
        pem = private.read_bytes()
    key = load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        message = "the audit signing key must be an Ed25519 key"
        raise TypeError(message)
    return key


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """What signatures of ``key`` are checked with."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _make_key(file: Path) -> None:
    """Write a new key, whole or not at all; where another copy of the worker was quicker, its key stays."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with TemporaryDirectory(dir=file.parent) as folder:
        new = Path(folder) / file.name
        new.touch(mode=0o600)
        new.write_bytes(pem)
        with suppress(FileExistsError):
            file.hardlink_to(new)


def _last_signature(file: IO[bytes]) -> str:
    """The signature in the last whole line; a line that a crash cut short is ended first, wherever it was cut."""
    end = file.seek(0, os.SEEK_END)
    size = _TAIL
    while True:
        file.seek(max(0, end - size))
        lines = file.read().split(b"\n")
        if lines[-1]:
            file.write(b"\n")
        signatures = [content["signature"] for line in lines if "signature" in (content := _object_in(line) or {})]
        if signatures:
            return str(signatures[-1])
        if size >= end:
            return ""
        size *= 4


def _object_in(line: bytes) -> dict[str, Any] | None:
    """The JSON object in ``line``; None where it is cut short, and thus no checkpoint."""
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def read_checkpoints(folder: Path, service: str) -> Iterator[Checkpoint]:
    """All checkpoints of a service, oldest first, their signatures and their own chain checked.

    Raises:
        BadCheckpoint: A line was changed, removed or added by somebody without the key.
        OSError: There is no such file.
    """
    key = load_pem_public_key(public_key_file(folder, service).read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise BadCheckpoint("the public key is not an Ed25519 key")
    previous = ""
    with checkpoint_file(folder, service).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            content = _checked(line, number, key, previous)
            if content is None:
                continue
            previous = content["signature"]
            for tenant, (seq, digest) in content["heads"].items():
                yield Checkpoint(UUID(tenant), seq, bytes.fromhex(digest), content["at"])


def _checked(line: bytes, number: int, key: Ed25519PublicKey, previous: str) -> dict[str, Any] | None:
    """The content of a line; None for one that a crash cut short."""
    content = _object_in(line)
    if content is None:
        return None
    unsigned = {name: value for name, value in content.items() if name != "signature"}
    try:
        key.verify(b64decode(content["signature"]), orjson.dumps(unsigned, option=orjson.OPT_SORT_KEYS))
    except (InvalidSignature, ValueError, KeyError, TypeError) as error:
        raise BadCheckpoint(f"line {number}: the signature is wrong") from error
    if content["previous"] != previous:
        raise BadCheckpoint(f"line {number}: a line before it is missing or was moved")
    return content
