"""Makes access tokens."""

from collections import OrderedDict
from dataclasses import dataclass

from joserfc import jwt

from crm_platform.auth.claims import ABOUT_AUDIENCE, ALGORITHM, claims_of
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.settings import AuthSettings
from gateway.signing_keys.keyring import KeyRing

_RENEW_SECONDS = 60
_CACHE_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token."""

    text: str
    kid: str
    """The key that signed it."""
    expires_at: int
    """Unix time."""
    lifetime: int
    """Seconds from its making."""


class TokenIssuer:
    """Makes the tokens that every service believes."""

    def __init__(self, keys: KeyRing, auth: AuthSettings, lifetime: int) -> None:
        self.keys = keys
        self._auth = auth
        self._lifetime = lifetime

    async def issue(self, caller: Caller) -> AccessToken:
        """A token for ``caller``; it never outlives what the caller came with.

        Raises:
            Unavailable: There is no key to sign with.
        """
        return await self._issue(caller, self._auth.audience)

    async def issue_about(self, caller: Caller, *, active: bool) -> AccessToken:
        """A token that tells a service what ``caller`` may do, and lets nobody in.

        Raises:
            Unavailable: There is no key to sign with.
        """
        return await self._issue(caller, self._auth.audience + ABOUT_AUDIENCE, active=active)

    async def _issue(self, caller: Caller, audience: str, **more: bool) -> AccessToken:
        signer = await self.keys.signer()
        now = int(utc_now().timestamp())
        expires_at = now + self._lifetime
        if caller.expires_at:
            expires_at = min(expires_at, int(caller.expires_at))
        claims = {
            **claims_of(caller),
            "iss": self._auth.issuer,
            "aud": audience,
            "iat": now,
            "exp": expires_at,
            "jti": str(new_id()),
            **more,
        }
        header = {"alg": ALGORITHM, "kid": signer.kid, "typ": "JWT"}
        text = jwt.encode(header, claims, signer.key, algorithms=[ALGORITHM])
        return AccessToken(text, signer.kid, expires_at, expires_at - now)


class UpstreamTokens:
    """Tokens for callers who came without one (API keys), so that services only ever see tokens."""

    def __init__(self, issuer: TokenIssuer) -> None:
        self._issuer = issuer
        self._known: OrderedDict[Caller, AccessToken] = OrderedDict()

    async def token_for(self, caller: Caller) -> str:
        """A token that says what ``caller`` may.

        It is made anew shortly before it expires, when the caller's rights have changed, and when another key
        signs: the last one may have been withdrawn.
        """
        signer = await self._issuer.keys.signer()
        token = self._known.get(caller)
        if token is None or token.kid != signer.kid or token.expires_at - _RENEW_SECONDS <= utc_now().timestamp():
            token = await self._issuer.issue(caller)
            self._known.pop(caller, None)
            self._known[caller] = token
            if len(self._known) > _CACHE_SIZE:
                self._known.popitem(last=False)
        return token.text
