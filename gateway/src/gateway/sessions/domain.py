"""Refresh tokens: what they look like, and what they tell before anything is looked up."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from crm_platform.words import Words

NOUN = Words("session", "会话")

_PREFIX = "crr_"
_ID_BYTES = 16
_SECRET_BYTES = 32
_LENGTH = 2 * _ID_BYTES + _SECRET_BYTES


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """An opaque token; it names tenant and session, so that row-level security holds when it is looked up."""

    tenant_id: UUID
    session_id: UUID
    text: str

    @classmethod
    def new(cls, tenant_id: UUID, session_id: UUID) -> "RefreshToken":
        """A token that nobody can guess."""
        content = tenant_id.bytes + session_id.bytes + secrets.token_bytes(_SECRET_BYTES)
        return cls(tenant_id, session_id, _PREFIX + urlsafe_b64encode(content).rstrip(b"=").decode())

    @classmethod
    def parse(cls, text: str) -> "RefreshToken | None":
        """The token that ``text`` looks like; None where it is none."""
        if not text.startswith(_PREFIX) or not text.isascii():
            return None
        encoded = text.removeprefix(_PREFIX)
        try:
            content = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            return None
        if len(content) != _LENGTH:
            return None
        ids = content[:_ID_BYTES], content[_ID_BYTES : 2 * _ID_BYTES]
        return cls(UUID(bytes=ids[0]), UUID(bytes=ids[1]), text)

    @property
    def hash(self) -> bytes:
        """What is kept of it; 256 random bits need no slow hash."""
        return hashlib.sha256(self.text.encode()).digest()


class Refusal(Enum):
    """Why a refresh token is not exchanged."""

    UNKNOWN = "unknown"
    REUSED = "reused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A refresh token has become the next one."""

    user_id: UUID
    session_id: UUID
    token: RefreshToken
