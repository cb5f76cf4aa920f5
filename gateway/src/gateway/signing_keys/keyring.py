"""The signing keys in a gateway process: read from the database now and then, used without it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import structlog
from joserfc.jwk import OKPKey

from crm_platform.clock import utc_now
from crm_platform.db import Database
from crm_platform.db.database import CONNECTION_ERRORS
from crm_platform.errors import Unavailable
from crm_platform.words import Words
from gateway.settings import GatewaySettings
from gateway.signing_keys import service
from gateway.signing_keys.domain import SigningKey, current

_SIGNING_KEY = Words("The signing key", "签名密钥")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that can sign."""

    kid: str
    key: OKPKey


class KeyRing:
    """Knows which key signs now, and which are published.

    All gateways share the keys through the database, and each keeps by itself to the moment from which a key
    is used; so tokens go on being made while the database is away.
    """

    def __init__(self, database: Database, settings: GatewaySettings) -> None:
        self._database = database
        self._settings = settings
        self._sealer = service.sealer_of(settings)
        self._stored: list[SigningKey] = []
        self._opened: dict[str, OKPKey] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def open(self) -> None:
        """Make the first keys, if no process has yet."""
        self._take_over(await service.rotate_when_due(self._database, self._settings))

    async def signer(self) -> Signer:
        """The key that signs now.

        Raises:
            Unavailable: There is none that this process can use.
        """
        await self._refresh()
        key = current([key for key in self._stored if key.kid in self._opened], utc_now())
        if key is None:
            raise Unavailable(what=_SIGNING_KEY, headers={"retry-after": "1"})
        return Signer(key.kid, self._opened[key.kid])

    async def key_set(self) -> dict[str, Any]:
        """The public halves of all keys, as a JWK set."""
        await self._refresh()
        return {"keys": [key.public for key in self._stored]}

    async def _refresh(self) -> None:
        if time.monotonic() - self._read_at < self._settings.identity.key_refresh_seconds:
            return
        async with self._reading:
            if time.monotonic() - self._read_at < self._settings.identity.key_refresh_seconds:
                return
            try:
                self._take_over(await service.list_keys(self._database))
            except (*CONNECTION_ERRORS, Unavailable) as error:
                _log.warning("signing_keys_not_read", error=str(error))
                self._read_at = time.monotonic()

    def _take_over(self, keys: list[SigningKey]) -> None:
        known = self._opened
        opened = {key.kid: known.get(key.kid) or service.open_private(self._sealer, key) for key in keys}
        self._opened = {kid: key for kid, key in opened.items() if key is not None}
        self._stored = keys
        self._read_at = time.monotonic()
