"""A client of the gateway's public API, as any frontend would be."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import httpx

from crm_runtime.errors import RuntimeProblem

T = TypeVar("T")

WAIT_SECONDS = 240.0
_LOOK_AGAIN = 0.2
_TRIES = 6
_CHANGED_MEANWHILE = 412
_PASSING = frozenset({429, 502, 503, 504})


class Api:
    """Calls ``/api/v1``; repeats what failed for a passing reason."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read something.

        Raises:
            RuntimeProblem: The API refused.
        """
        return self._json(await self._send("GET", path, params=params))

    async def find(self, path: str, filter_: str) -> list[dict[str, Any]]:
        """All records of a list that fulfil a filter (up to 200)."""
        items: list[dict[str, Any]] = (await self.get(path, filter=filter_, limit=200))["items"]
        return items

    async def count(self, path: str, filter_: str | None = None) -> int:
        """How many records of a list there are."""
        params = {"filter": filter_} if filter_ else {}
        return int((await self.get(path, limit=1, count="exact", **params))["count"]["value"])

    async def create(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any]:
        """Make something; a repetition with the same ``key`` has no further effect."""
        return self._json(await self._send("POST", path, json=body, headers={"idempotency-key": key}))

    async def act(self, path: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
        """Do something with a record as it is now; read again and repeated if it changed meanwhile."""
        for _ in range(_TRIES):
            shown = await self._send("GET", path)
            self._json(shown)
            headers = {"if-match": shown.headers["etag"]}
            answer = await self._send("POST", f"{path}/{action}", json=body, headers=headers)
            if answer.status_code != _CHANGED_MEANWHILE:
                return self._json(answer)
        raise RuntimeProblem(f"{path} does not stop changing.")

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(1, _TRIES + 1):
            try:
                answer = await self._client.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt == _TRIES:
                    raise RuntimeProblem(f"The gateway does not answer: {error}") from error
            else:
                if answer.status_code not in _PASSING or attempt == _TRIES:
                    return answer
            await asyncio.sleep(0.3 * attempt)
        raise AssertionError

    def _json(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_error:
            raise RuntimeProblem(f"{answer.request.method} {answer.request.url.path}: {answer.text[:400]}")
        found: dict[str, Any] = answer.json()
        return found


async def wait_for(what: str, look: Callable[[], Awaitable[T | None]], *, seconds: float = WAIT_SECONDS) -> T:
    """Wait until ``look`` finds something: events take a moment to arrive.

    Raises:
        RuntimeProblem: It did not come.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise RuntimeProblem(f"{what} did not happen within {seconds:.0f} s; see crm events dead-letters.")
        await asyncio.sleep(_LOOK_AGAIN)
