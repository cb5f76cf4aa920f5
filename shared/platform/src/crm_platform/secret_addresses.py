"""Addresses that open something without an account: a part that is no secret, and a secret."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

_PUBLIC = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Place:
    """The part of an address that is no secret; it names the tenant, so that row-level security holds at once."""

    tenant_id: UUID
    record_id: UUID

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """What ``text`` names; None where it is no such name."""
        found = _PUBLIC.fullmatch(text)
        return None if found is None else cls(UUID(hex=found[1]), UUID(hex=found[2]))

    def __str__(self) -> str:
        return self.tenant_id.hex + self.record_id.hex


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def opens(known: bytes, secret: str) -> bool:
    """Whether ``secret`` is the one whose hash is known; takes as long whichever way."""
    return hmac.compare_digest(known, hash_of(secret))
