"""Verifies access tokens against the gateway's published keys; trusts no header."""

import asyncio
import hashlib
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import httpx
import orjson
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import ValidationError

from crm_platform.auth.claims import ABOUT_AUDIENCE, ACCEPTED_ALGORITHMS, AboutClaims, Claims
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated, Unavailable
from crm_platform.settings import AuthSettings
from crm_platform.words import Words

_CACHE_SIZE = 10_000
_MIN_REFRESH = 2.0
"""Seconds between two reads of the key set, however many unknown key ids arrive."""

_MIN_RETRY = 0.5
"""Seconds after a failed first read in which nobody tries again: those who wait would wait one after the other."""

_KEY_SET = Words("The gateway's key set", "网关的密钥集")

_Claims = TypeVar("_Claims", bound=Claims)

ReadKeys = Callable[[], Awaitable[Any]]
"""Reads the issuer's public keys as a JWK set; raises OSError, ValueError or Unavailable when it cannot."""

_log = structlog.get_logger(__name__)


class TokenVerifier:
    """Turns a token into a :class:`Caller`.

    A verified token is remembered by its hash until it expires: Ed25519 costs 130 µs, the look-up one.

    Args:
        settings: Whom to trust.
        read_keys: Where the keys come from, if not from ``settings.jwks_url`` (the issuer itself).
    """

    def __init__(self, settings: AuthSettings, read_keys: ReadKeys | None = None) -> None:
        self._settings = settings
        self._source = read_keys or self._read_keys
        self._keys: KeySet | None = None
        self._read_at = float("-inf")
        self._failed_at = float("-inf")
        self._reading = asyncio.Lock()
        self._client: httpx.AsyncClient | None = None
        self._known: OrderedDict[bytes, Caller] = OrderedDict()
        self._access = self._registry(settings.audience)
        self._about = self._registry(settings.audience + ABOUT_AUDIENCE)

    def _registry(self, audience: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=int(self._settings.leeway),
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
        )

    async def close(self) -> None:
        """Close the HTTP client."""
        if self._client is not None:
            await self._client.aclose()

    async def verify(self, token: str) -> Caller:
        """The caller behind ``token``.

        Raises:
            Unauthenticated: Not ours, forged, expired, or for another audience.
            Unavailable: The key set cannot be read and no key is known yet.
        """
        if time.monotonic() - self._read_at >= self._settings.jwks_max_age:
            # Also for tokens that are known: a key that was withdrawn must not live on in our memory of them.
            await self._key_set(max_age=self._settings.jwks_max_age)
        digest = hashlib.sha256(token.encode()).digest()
        caller = self._known.get(digest)
        if caller is None:
            caller = (await self._verify_anew(token, self._access, Claims)).to_caller()
            self._known[digest] = caller
            if len(self._known) > _CACHE_SIZE:
                self._known.popitem(last=False)
        if caller.expires_at + self._settings.leeway < utc_now().timestamp():
            self._known.pop(digest, None)
            raise Unauthenticated(why=Words("the token has expired", "令牌已过期"))
        return caller

    async def verify_about(self, token: str) -> AboutClaims:
        """What a token tells that is about somebody; it lets nobody in, and is too rare to be remembered.

        Raises:
            Unauthenticated: Not ours, forged, expired, or for another purpose.
            Unavailable: The key set cannot be read and no key is known yet.
        """
        return await self._verify_anew(token, self._about, AboutClaims)

    async def _verify_anew(self, token: str, registry: jwt.JWTClaimsRegistry, model: type[_Claims]) -> _Claims:
        keys = await self._key_set(max_age=self._settings.jwks_max_age)
        try:
            return self._decode(token, keys, registry, model)
        except _UnknownKey:
            keys = await self._key_set(max_age=_MIN_REFRESH)
        try:
            return self._decode(token, keys, registry, model)
        except _UnknownKey as error:
            raise Unauthenticated(why=Words("the token is signed by an unknown key", "令牌由未知密钥签名")) from error

    def _decode(self, token: str, keys: KeySet, registry: jwt.JWTClaimsRegistry, model: type[_Claims]) -> _Claims:
        try:
            decoded = jwt.decode(token, keys, algorithms=list(ACCEPTED_ALGORITHMS))
        except (
            JoseError,
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
        ) as error:  # odd headers end in any of them
            if _names_unknown_key(token, keys):
                raise _UnknownKey from error
            why = Words("the token is malformed or its signature is wrong", "令牌格式或签名不正确")
            raise Unauthenticated(why=why) from error
        try:
            registry.validate(decoded.claims)
            return model.model_validate(decoded.claims)
        except (JoseError, ValidationError) as error:
            kind = type(error).__name__
            why = Words(f"the token's claims are refused ({kind})", f"令牌声明不被接受（{kind}）")
            raise Unauthenticated(why=why) from error

    async def _key_set(self, *, max_age: float) -> KeySet:
        if self._keys is not None and time.monotonic() - self._read_at < max_age:
            return self._keys
        async with self._reading:
            if self._keys is not None and time.monotonic() - self._read_at < max_age:
                return self._keys
            if self._keys is None and time.monotonic() - self._failed_at < _MIN_RETRY:
                raise Unavailable(what=_KEY_SET, headers={"retry-after": "1"})
            try:
                self._keys = self._replaced(KeySet.import_key_set(await self._source()))
            except (httpx.HTTPError, OSError, ValueError, JoseError, Unavailable) as error:
                if self._keys is None:
                    self._failed_at = time.monotonic()
                    raise Unavailable(what=_KEY_SET, headers={"retry-after": "1"}) from error
                _log.warning("key_set_unreadable", url=self._settings.jwks_url, error=str(error))
            self._read_at = time.monotonic()
            return self._keys

    def _replaced(self, keys: KeySet) -> KeySet:
        """The new key set; tokens signed with a key that was withdrawn must be verified anew."""
        left = {key.kid for key in keys.keys}
        if self._keys is not None and any(key.kid not in left for key in self._keys.keys):
            self._known.clear()
        return keys

    async def _read_keys(self) -> Any:
        if self._settings.jwks_url.startswith("file:"):
            path = Path(unquote(urlsplit(self._settings.jwks_url).path))
            return orjson.loads(await asyncio.to_thread(path.read_bytes))
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=3, trust_env=False)
        answer = await self._client.get(self._settings.jwks_url)
        answer.raise_for_status()
        return answer.json()


class _UnknownKey(Exception):
    """The token names a key that the set does not have; perhaps the keys were rotated."""


def _names_unknown_key(token: str, keys: KeySet) -> bool:
    try:
        kid = jwt_header(token).get("kid")
    except (ValueError, IndexError):
        return False
    return isinstance(kid, str) and all(key.kid != kid for key in keys.keys)


def jwt_header(token: str) -> dict[str, Any]:
    """The unverified header of a token.

    Raises:
        ValueError: It has none.
    """
    first = token.split(".", 1)[0]
    header: Any = orjson.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    if not isinstance(header, dict):
        raise ValueError(first)  # noqa: TRY004  (malformed input, as all that goes wrong here)
    return header
