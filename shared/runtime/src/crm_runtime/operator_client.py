"""A thin client of the workers' operator endpoints: dead letters and replay."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from crm_runtime.errors import RuntimeProblem

_NOT_FOUND = 404


class OperatorClient:
    """Talks to the worker of one deployable; use it as a context manager."""

    def __init__(self, name: str, url: str, token: str) -> None:
        self.name = name
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def dead_letters(self, *, limit: int) -> list[dict[str, Any]]:
        """Events that could not be handled, newest first, as the worker tells them."""
        answer = self._ask("GET", "/operator/dead-letters", params={"limit": limit})
        items: list[dict[str, Any]] = answer["items"]
        return items

    def redrive(self, dead_letter: str) -> bool:
        """Handle a dead letter again; False when this worker has none of that id."""
        try:
            self._ask("POST", f"/operator/dead-letters/{dead_letter}/redrive")
        except _NotFound:
            return False
        return True

    def replay(self, selection: Mapping[str, str]) -> dict[str, Any]:
        """Publish again what the selection names (topic, aggregate_type, aggregate_id, from, to)."""
        return self._ask("POST", "/operator/replay", json=dict(selection))

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, int] | None = None,
        json: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        try:
            response = self._client.request(method, path, params=params, json=json)
        except httpx.HTTPError as error:
            raise RuntimeProblem(f"The worker of {self.name} does not answer ({error}); see crm logs.") from error
        if response.status_code == _NOT_FOUND:
            raise _NotFound(f"The worker of {self.name} knows nothing of {path}.")
        if response.is_error:
            raise RuntimeProblem(f"The worker of {self.name} refused: {_words(response)}.")
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer


class _NotFound(RuntimeProblem):
    """The worker has no such thing."""


def _words(response: httpx.Response) -> str:
    """What the problem document says, or the plain status."""
    try:
        problem = response.json()
        return f"{problem['title']}: {problem.get('detail', '')}".rstrip(": ")
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"
