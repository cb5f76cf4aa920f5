"""A thin client of the workers' operator endpoints: dead letters and replay."""

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from crm_runtime.errors import RuntimeProblem

_NOT_FOUND = 404
_FIRST_ERROR = 400
_ANSWER_SECONDS = 30.0


class OperatorClient:
    """Talks to the worker of one deployable."""

    def __init__(self, name: str, url: str, token: str) -> None:
        self.name = name
        self._place = urlsplit(url).netloc
        self._token = token

    def dead_letters(self, *, limit: int) -> list[dict[str, Any]]:
        """Events that could not be handled, as the worker tells them."""
        items: list[dict[str, Any]] = self._ask("GET", f"/operator/dead-letters?limit={limit}")["items"]
        return items

    def redrive(self, dead_letter: str) -> bool:
        """Handle a dead letter again; False when this worker has no pending one of that id."""
        return self._settle(dead_letter, "redrive")

    def redrive_all(self) -> int:
        """Handle all pending dead letters again; returns how many there are."""
        return int(self._ask("POST", "/operator/dead-letters/redrive").get("requested", 0))

    def discard(self, dead_letter: str) -> bool:
        """Give up on a dead letter; False when this worker has none of that id."""
        return self._settle(dead_letter, "discard")

    def replay(self, order: Mapping[str, str | bool]) -> dict[str, Any]:
        """Publish again what the order names (topic, aggregate_type, aggregate_id, tenant_id, from, to, snapshot)."""
        return self._ask("POST", "/operator/replay", order)

    def _settle(self, dead_letter: str, action: str) -> bool:
        try:
            self._ask("POST", f"/operator/dead-letters/{quote(dead_letter, safe='')}/{action}")
        except _NotFound:
            return False
        return True

    def _ask(self, method: str, path: str, content: Mapping[str, str | bool] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = json.dumps(dict(content)) if content is not None else None
        connection = http.client.HTTPConnection(self._place, timeout=_ANSWER_SECONDS)
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            answer = _decoded(response.read())
        except (OSError, http.client.HTTPException) as error:
            raise RuntimeProblem(f"The worker of {self.name} does not answer ({error}); see crm logs.") from error
        finally:
            connection.close()
        if response.status == _NOT_FOUND:
            raise _NotFound(f"The worker of {self.name} has no {path}.")
        if response.status >= _FIRST_ERROR:
            words = ": ".join(str(answer[part]) for part in ("title", "detail") if part in answer)
            raise RuntimeProblem(f"The worker of {self.name} refused: {words or f'status {response.status}'}.")
        return answer


class _NotFound(RuntimeProblem):
    """The worker has no such thing."""


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
