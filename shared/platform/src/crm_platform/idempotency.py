"""``Idempotency-Key``: the answer of a successful write, kept in the transaction of its effect.

Where the write has to do with a subject's personal data, the answer is kept sealed under that subject's key, so that an
erasure takes it along; and the fingerprint of the request is a keyed one, since a phone number is soon guessed.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.sealing import place, seal
from crm_platform.db.database import CONNECTION_ERRORS, Connection, Database
from crm_platform.db.preparation import quote_literal
from crm_platform.db.schema import tenant_table
from crm_platform.errors import DomainError, IdempotencyKeyReused, InvalidParameter
from crm_platform.events.supervise import wait_any
from crm_platform.sealing.subjects import open_for
from crm_platform.sealing.vault import SubjectKey
from crm_platform.words import Words

MAX_KEY_LENGTH = 255
KEPT = timedelta(days=7)
"""How long an answer is remembered; a client that retries later makes a new request."""
EXPIRY_INTERVAL = 3600.0

_SEALED_FOR = "sealed-for"
"""Among the headers of a stored answer that is sealed: the subject with whose key it is."""

_log = structlog.get_logger(__name__)


def idempotency_table(metadata: MetaData) -> Table:
    """Remembered answers, one per caller and key."""
    return tenant_table(
        "idempotency",
        metadata,
        Column("caller", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("request_hash", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("tenant_id", "caller", "key"),
        Index(None, "created_at"),
        across_tenants=True,
    )


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request with this key was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key of one request, and the fingerprint of what it asked for."""

    caller: str
    key: str
    request_hash: bytes

    @classmethod
    def of(cls, *, caller: str, key: str, method: str, path: str, body: bytes) -> "IdempotencyKey":
        """Build it from a request.

        Raises:
            InvalidParameter: The key is empty, too long or not printable ASCII.
        """
        if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
            message = Words(
                f"1 to {MAX_KEY_LENGTH} printable ASCII characters", f"应为 1 到 {MAX_KEY_LENGTH} 个可打印的 ASCII 字符"
            )
            raise InvalidParameter(parameter="Idempotency-Key", message=message)
        digest = hashlib.sha256(b"\x00".join((method.encode(), path.encode(), body))).digest()
        return cls(caller, key, digest)

    def claim(self, tenant_id: UUID) -> tuple[str, str]:
        """The statements that a transaction begins with in order to take the key.

        The first waits for another request that holds it; only then the second looks whether that one was answered, as
        each statement sees what is committed when it starts.
        """
        named = tenant_id, f"{self.caller}\x00{self.key}"
        number = int.from_bytes(hashlib.sha256("".join(map(str, named)).encode()).digest()[:_LOCK_BYTES], signed=True)
        # Constants, and no functions that make them: what is not leakproof does not reach the index under a policy. The
        # tenant is named as the policy lets workers see all of them, so that by itself it does not lead to the index.
        texts = quote_literal(self.caller), quote_literal(self.key)
        where = f"tenant_id = '{tenant_id}' AND caller = {texts[0]} AND key = {texts[1]}"
        return f"SELECT pg_advisory_xact_lock({number})", f"SELECT FROM idempotency WHERE {where}"

    async def answer(self, connection: Connection, tenant_id: UUID) -> StoredAnswer | None:
        """What an earlier request with the key was answered, in the transaction that has begun by taking it.

        Raises:
            IdempotencyKeyReused: The key belongs to a request with other content.
            SubjectKeyGone: The answer was about somebody whose personal data is erased since.
        """
        row = None if connection.begun == _NONE else await connection.fetchrow(_FIND, tenant_id, self.caller, self.key)
        if row is None:
            return None
        # The plain one was kept by the version before sealing.
        if row["request_hash"] not in {self._fingerprint(connection), self.request_hash}:
            raise IdempotencyKeyReused
        headers, body = row["headers"], row["body"]
        if (subject := headers.pop(_SEALED_FOR, None)) is not None:
            body = await open_for(connection, UUID(subject), body, self._place())
        return StoredAnswer(row["status"], headers, body)

    def _fingerprint(self, connection: Connection) -> bytes:
        vault = connection.vault
        return self.request_hash if vault is None else vault.index.fingerprint("idempotency", self.request_hash)

    def _place(self) -> bytes:
        return place("answer", self.caller, self.key)

    async def remember(
        self, connection: Connection, *, status: int, headers: dict[str, Any], body: bytes, subject: SubjectKey | None
    ) -> None:
        """Keep the answer; it becomes visible together with the effect. ``subject`` is whom it is about."""
        if subject is not None:
            headers = {**headers, _SEALED_FOR: str(subject.subject_id)}
            body = seal(subject.cipher, body, self._place())
        await connection.execute(_STORE, self.caller, self.key, self._fingerprint(connection), status, headers, body)


async def expire_answers(database: Database, stop: asyncio.Event) -> None:
    """Forget answers older than :data:`KEPT` until ``stop`` is set; several copies may do it at once."""
    while not stop.is_set():
        try:
            async with database.system() as connection:
                await connection.execute(_EXPIRE, KEPT)
        except (asyncpg.PostgresError, *CONNECTION_ERRORS, DomainError) as error:
            _log.warning("idempotency_expiry_failed", error=f"{type(error).__name__}: {error}"[:300])
        await wait_any(EXPIRY_INTERVAL, stop)


# sha256 keeps unrelated keys apart; 64 bits of it name the lock, a collision only costs a short wait.
_LOCK_BYTES = 8
_NONE = "SELECT 0"
_FIND = """
SELECT request_hash, status, headers, body FROM idempotency WHERE tenant_id = $1 AND caller = $2 AND key = $3
"""
_STORE = """
INSERT INTO idempotency (caller, key, request_hash, status, headers, body) VALUES ($1, $2, $3, $4, $5, $6)
"""
_EXPIRE = "DELETE FROM idempotency WHERE created_at < now() - $1::interval"
