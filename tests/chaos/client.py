"""Calling the public API through everything that may happen, and keeping the ledger true."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

import aiohttp
import orjson

from crm_platform.ids import new_id
from tests.chaos.ledger import Ledger, Outcome, Write

ATTEMPT_SECONDS = 6.0
PATIENCE = 60.0
"""Seconds for which a write is tried again; after that its outcome stays unknown."""
LONGEST_PAUSE = 1.0
_PASSING = frozenset({408, 425, 429})
"""Refusals that say nothing about the request itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back at last; status 0 when nothing did."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Client:
    """One API key's view of the gateway."""

    def __init__(self, url: str, token: str, ledger: Ledger) -> None:
        self._ledger = ledger
        self._session = aiohttp.ClientSession(
            base_url=f"{url}/api/v1/",
            headers={"authorization": f"Bearer {token}"},
            timeout=aiohttp.ClientTimeout(total=ATTEMPT_SECONDS),
            connector=aiohttp.TCPConnector(limit=0),
        )
        self.statuses: Counter[str] = Counter()
        """Every answer there was, and the names of the errors where there was none."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, path: str, **params: str) -> Answer:
        """Read something, again and again until there is an answer."""
        return (await self._persist("GET", path, {}, None, params))[0]

    async def write(
        self, what: str, method: str, path: str, body: Any = None, *, version: int | None = None, events: int = 1
    ) -> tuple[Write, Answer]:
        """Change something, on the ledger.

        A POST that is repeated carries its idempotency key and so ends in a known outcome; another method that is
        refused after an attempt without an answer may have taken effect with that one.
        """
        write = Write(new_id(), what, events, invoked_at=time.monotonic())
        self._ledger.writes.append(write)
        headers = {"x-correlation-id": str(write.id)}
        if method == "POST":
            headers["idempotency-key"] = str(write.id)
        if version is not None:
            headers["if-match"] = f'"{version}"'
        answer, write.attempts = await self._persist(method, path, headers, body, {})
        write.status, write.code, write.answered_at = answer.status, answer.body.get("code", ""), time.monotonic()
        if answer.ok:
            write.outcome = Outcome.OK
        elif answer.status and (method == "POST" or write.attempts == 1):
            write.outcome = Outcome.FAILED
        else:
            write.outcome = Outcome.UNKNOWN
        return write, answer

    async def _persist(
        self, method: str, path: str, headers: dict[str, str], body: Any, params: dict[str, str]
    ) -> tuple[Answer, int]:
        """Try until there is a final answer; that, and how often it was tried."""
        deadline, pause, attempts = time.monotonic() + PATIENCE, 0.05, 0
        while True:
            attempts += 1
            answer = await self._attempt(method, path, headers, body, params)
            if answer.ok or (_is_refusal(answer.status)):
                return answer, attempts
            if time.monotonic() > deadline:
                return Answer(0, answer.body), attempts
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _attempt(
        self, method: str, path: str, headers: dict[str, str], body: Any, params: dict[str, str]
    ) -> Answer:
        data = None if body is None else orjson.dumps(body)
        kind = {"content-type": "application/json"} if data is not None else {}
        try:
            async with self._session.request(
                method, path, data=data, headers=headers | kind, params=params
            ) as response:
                text = await response.read()
                self.statuses[str(response.status)] += 1
                return Answer(response.status, _object(text))
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            self.statuses[type(error).__name__] += 1
            return Answer(0, {})


def _is_refusal(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING


def _object(text: bytes) -> dict[str, Any]:
    found = orjson.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def id_of(answer: Answer) -> UUID:
    """The id in an answer."""
    return UUID(answer.body["id"])
