"""API keys at the door: checked in the database at most once in a while."""

import hashlib
from collections import OrderedDict

from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.db import Database
from crm_platform.db.database import CONNECTION_ERRORS, DATABASE
from crm_platform.errors import Unauthenticated, Unavailable
from crm_platform.words import Words
from gateway.credentials import service
from gateway.settings import IdentitySettings

_CACHE_SIZE = 10_000
_REFUSED = Words("the API key is unknown, expired or revoked", "API 密钥不存在、已过期或已吊销")


class ApiKeys:
    """Turns API keys into callers; one that was right is trusted for some seconds, which bounds a revocation."""

    def __init__(self, database: Database, settings: IdentitySettings) -> None:
        self._database = database
        self._trusted_for = settings.api_key_cache_seconds
        self._known: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    async def caller_of(self, text: str) -> Caller:
        """Whom the API key stands for.

        Raises:
            Unauthenticated: It is unknown, expired or revoked; which of these is not told.
            Unavailable: PostgreSQL does not answer.
        """
        digest = hashlib.sha256(text.encode()).digest()
        caller, checked_at = self._known.get(digest, (None, 0.0))
        now = utc_now().timestamp()
        # The clock may be set back: an entry from the future is as stale as one from long ago.
        if caller is None or not checked_at <= now < checked_at + self._trusted_for:
            caller = await self._check(text)
            self._remember(digest, caller, now)
        if caller is None or (caller.expires_at and caller.expires_at <= now):
            raise Unauthenticated(why=_REFUSED)
        return caller

    async def _check(self, text: str) -> Caller | None:
        try:
            return await service.check_api_key(self._database, text)
        except CONNECTION_ERRORS as error:
            raise Unavailable(what=DATABASE, headers={"retry-after": "1"}) from error

    def _remember(self, digest: bytes, caller: Caller | None, now: float) -> None:
        self._known.pop(digest, None)
        if caller is None:
            return
        self._known[digest] = (caller, now)
        if len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
