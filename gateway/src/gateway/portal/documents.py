"""The services' OpenAPI documents: fetched when somebody asks, kept for a while, and beyond a service's absence."""

import asyncio
import hashlib
from dataclasses import dataclass, field

import orjson
import structlog

from crm_platform.errors import DomainError
from gateway.portal.naming import Document
from gateway.portal.openapi import GATEWAY, merge
from gateway.proxy.breaker import Clock
from gateway.proxy.client import Call, UpstreamClient
from gateway.proxy.upstream import Upstream

MAX_AGE = 60.0
"""Seconds a merged document is used while all services are there."""
MAX_AGE_PARTIAL = 5.0
"""Seconds it is used while one is missing."""

_FETCH_SECONDS = 5.0
_OK = 200

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged document, ready to send."""

    body: bytes
    etag: str
    fresh_until: float


@dataclass(slots=True)
class ApiDocuments:
    """Makes the merged document, at most once at a time.

    Attributes:
        client: Reaches the services.
        own: The gateway's own document.
        clock: Monotonic seconds.
    """

    client: UpstreamClient
    own: Document
    clock: Clock
    _known: dict[str, Document] = field(default_factory=dict)
    _merged: Merged | None = None
    _merging: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def merged(self) -> Merged:
        """The document of the whole system; services that are away appear as they were when last seen."""
        async with self._merging:
            if self._merged is None or self.clock() >= self._merged.fresh_until:
                self._merged = await self._merge()
            return self._merged

    async def _merge(self) -> Merged:
        upstreams = self.client.upstreams
        fetched = await asyncio.gather(*(self._fetch(upstream) for upstream in upstreams.values()))
        self._known.update({name: found for name, found in zip(upstreams, fetched, strict=True) if found is not None})
        known = {name: self._known[name] for name in upstreams if name in self._known}
        document = merge({**known, GATEWAY: self.own}, unavailable=upstreams.keys() - known.keys())
        body = orjson.dumps(document)
        age = MAX_AGE if None not in fetched else MAX_AGE_PARTIAL
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        return Merged(body, etag, self.clock() + age)

    async def _fetch(self, upstream: Upstream) -> Document | None:
        deadline = asyncio.get_running_loop().time() + _FETCH_SECONDS
        call = Call(method="GET", target="/openapi.json", headers=[(b"accept", b"application/json")], deadline=deadline)
        try:
            fetched = await self.client.fetch(upstream, call)
            document = orjson.loads(fetched.body) if fetched.status == _OK else None
        except (DomainError, orjson.JSONDecodeError) as error:
            _log.warning("openapi_unavailable", service=upstream.name, error=str(error))
            return None
        return document if isinstance(document, dict) and "paths" in document else None
