"""Callers and tokens for tests; the tokens are signed as the gateway signs them."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import orjson
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from crm_platform.auth.claims import ABOUT_AUDIENCE, ALGORITHM, claims_of
from crm_platform.context import Caller, Visibility
from crm_platform.ids import new_id
from crm_platform.settings import AuthSettings

ISSUER = "https://gateway.test"


def caller(
    *scopes: str,
    tenant_id: UUID | None = None,
    visibility: Visibility = "all",
    team_ids: Iterable[UUID] = (),
    language: str = "en",
    system: str = "crm",
) -> Caller:
    """A user with ``scopes`` (all where none are named) in a tenant of its own."""
    return Caller(
        id=new_id(),
        tenant_id=tenant_id or new_id(),
        kind="user",
        scopes=frozenset(scopes or {"*"}),
        visibility=visibility,
        team_ids=tuple(team_ids),
        language="zh" if language == "zh" else "en",
        name="Test",
        system=system,
        expires_at=time.time() + 600,
    )


def colleague(of: Caller, *scopes: str, visibility: Visibility = "all", team_ids: Iterable[UUID] = ()) -> Caller:
    """Another user of the same tenant."""
    other = caller(*scopes, tenant_id=of.tenant_id, visibility=visibility, team_ids=team_ids)
    return replace(other, scopes=other.scopes if scopes else of.scopes)


class TokenIssuer:
    """Signs tokens, and publishes the key for :class:`~crm_platform.auth.verifier.TokenVerifier`."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        self._key = OKPKey.generate_key("Ed25519", {"kid": "test-key", "use": "sig"})
        self._jwks = folder / "jwks.json"
        self._jwks.write_bytes(orjson.dumps(KeySet([self._key]).as_dict(private=False)))

    @property
    def settings(self) -> AuthSettings:
        """Settings that trust this issuer."""
        return AuthSettings(issuer=ISSUER, jwks_url=self._jwks.as_uri())

    def token(self, of: Caller, **claims: object) -> str:
        """An access token for ``of``; ``claims`` override what it says."""
        return signed(self._key, str(self._key.kid), of, **claims)

    def about(self, of: Caller, **claims: object) -> str:
        """What the gateway tells a service of ``of``, about whom somebody else asks."""
        return self.token(of, **{"aud": f"crm{ABOUT_AUDIENCE}", **claims})


def signed(key: OKPKey, kid: str, of: Caller, **claims: object) -> str:
    """An access token for ``of``, signed by ``key``; ``claims`` override what it says."""
    now = time.time()
    content = {
        **claims_of(of),
        "iss": ISSUER,
        "aud": "crm",
        "iat": int(now),
        "exp": int(of.expires_at),
        "jti": str(new_id()),
        **claims,
    }
    return jwt.encode({"alg": ALGORITHM, "kid": kid}, content, key, algorithms=[ALGORITHM])
