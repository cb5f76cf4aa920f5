"""Rules of credentials of machines: API keys and OAuth2 clients."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from crm_platform.aggregate import AggregateState
from crm_platform.context import Caller, Visibility
from crm_platform.statemachine import StateMachine
from crm_platform.words import Words

NOUN = Words("credential", "凭据")

PREFIX = "crm_"
_API_KEY = re.compile(r"crm_([0-9a-f]{64})_([A-Za-z0-9_-]{43})")
_PUBLIC_ID = re.compile(r"[0-9a-f]{64}")


class CredentialKind(StrEnum):
    """How a machine shows who it is."""

    API_KEY = "api_key"
    CLIENT = "client"


class CredentialStatus(StrEnum):
    """Life cycle of a credential."""

    ACTIVE = "active"
    REVOKED = "revoked"


LIFE_CYCLE: StateMachine[CredentialStatus] = StateMachine(
    what=NOUN,
    initial=CredentialStatus.ACTIVE,
    transitions={(CredentialStatus.ACTIVE, "revoke"): CredentialStatus.REVOKED},
)


class Credential(AggregateState):
    """What a machine is known by; the secret itself is kept nowhere, its hash elsewhere."""

    kind: CredentialKind
    name: str
    scopes: tuple[str, ...]
    visibility: Visibility = "own"
    team_id: UUID | None = None
    system: str = "crm"
    language: Literal["zh", "en"] = "en"
    expires_at: datetime | None = None
    status: CredentialStatus = LIFE_CYCLE.initial

    def revoked(self) -> "Credential":
        """The credential, of no use any more.

        Raises:
            InvalidTransition: That is so already.
        """
        return self.with_(status=LIFE_CYCLE.after(self.status, "revoke"))

    def usable(self, now: datetime) -> bool:
        """Whether the credential opens anything at ``now``."""
        return self.status is CredentialStatus.ACTIVE and (self.expires_at is None or now < self.expires_at)

    @property
    def caller_kind(self) -> Literal["apikey", "client"]:
        """As what its holder is known."""
        return "apikey" if self.kind is CredentialKind.API_KEY else "client"

    def caller(self, tenant_id: UUID, team_ids: tuple[UUID, ...]) -> Caller:
        """Whom the credential stands for."""
        return Caller(
            id=self.id,
            tenant_id=tenant_id,
            kind=self.caller_kind,
            scopes=frozenset(self.scopes),
            visibility=self.visibility,
            team_ids=team_ids,
            language=self.language,
            name=self.name,
            system=self.system,
            expires_at=self.expires_at.timestamp() if self.expires_at else 0.0,
        )


@dataclass(frozen=True, slots=True)
class PublicId:
    """The part of a credential that is no secret: tenant and id.

    It names the tenant so that row-level security holds already when the credential is looked up.
    """

    tenant_id: UUID
    credential_id: UUID

    @classmethod
    def parse(cls, text: str) -> "PublicId | None":
        """What ``text`` names; None where it is no such id."""
        if not _PUBLIC_ID.fullmatch(text):
            return None
        return cls(UUID(hex=text[:32]), UUID(hex=text[32:]))

    def __str__(self) -> str:
        return self.tenant_id.hex + self.credential_id.hex


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is kept of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def api_key(public_id: PublicId, secret: str) -> str:
    """An API key as it is handed out."""
    return f"{PREFIX}{public_id}_{secret}"


def parse_api_key(text: str) -> tuple[PublicId, str] | None:
    """Id and secret of an API key; None where the text is none."""
    match = _API_KEY.fullmatch(text)
    public_id = PublicId.parse(match[1]) if match else None
    return (public_id, match[2]) if match and public_id else None
