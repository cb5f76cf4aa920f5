"""Asks the services for the parts of a view, all at the same time."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from crm_platform.errors import DomainError
from crm_platform.words import Words
from gateway.compose.errors import InvalidPart, SubjectMissing, SubjectRefused
from gateway.compose.view import Part, Subject, View
from gateway.proxy.client import Call, Fetched, UpstreamClient
from gateway.proxy.errors import UpstreamUnavailable

_DECISIVE = frozenset({308, 401, 403, 404})
_OK = 200
_NOT_JSON = Words("it is not JSON", "不是 JSON")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A part as its service rendered it."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that could not be had."""

    service: str
    code: str
    detail: str


Outcome = Found | Missing | None
"""None: there is nothing to show, and nothing is missing."""


class Gathering:
    """One request for one view.

    Args:
        view: What is asked for.
        client: Calls the services.
        values: What the templates of the parts refer to.
        headers: Go with every call.
        deadline: Time of the event loop's clock by which all parts have to be there.
        language: Of the details about missing parts.
    """

    def __init__(
        self,
        view: View,
        client: UpstreamClient,
        *,
        values: Mapping[str, Any],
        headers: list[tuple[bytes, bytes]],
        deadline: float,
        language: str,
    ) -> None:
        self._view = view
        self._client = client
        self._values = values
        self._headers = headers
        self._deadline = deadline
        self._language = language

    async def run(self) -> dict[str, Outcome]:
        """The outcome of every part, by its name.

        Raises:
            SubjectRefused: The view's subject does not exist, or is not the caller's to see.
        """
        try:
            async with asyncio.TaskGroup() as group:
                tasks: dict[str, asyncio.Task[Outcome]] = {}
                subject = self._view.subject
                for name, part in self._view.parts():
                    before = tasks[subject] if part.waits and subject is not None else None
                    tasks[name] = group.create_task(self._outcome(name, part, before))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return {name: task.result() for name, task in tasks.items()}

    async def _outcome(self, name: str, part: Part, before: asyncio.Task[Outcome] | None) -> Outcome:
        try:
            values = self._values
            if before is not None:
                values = {**values, "subject": _members_of(await before, part, self._view)}
            target = part.target(values)
            return None if target is None else await self._ask(name, part, target)
        except DomainError as error:
            return Missing(part.service, error.code, error.detail(self._language))
        except SubjectRefused:
            raise
        except Exception:  # noqa: BLE001  (whatever is wrong with one part, the others are shown)
            _log.exception("view_part_failed", view=self._view.name, part=name)
            return Missing(part.service, DomainError.code, DomainError().detail(self._language))

    async def _ask(self, name: str, part: Part, target: str) -> Outcome:
        upstream = self._client.upstreams.get(part.service)
        if upstream is None:
            raise UpstreamUnavailable(service=part.service)
        call = Call(method="GET", target=target, headers=self._headers, deadline=self._deadline)
        fetched = await self._client.fetch(upstream, call)
        if fetched.status == _OK:
            if not fetched.content_type.startswith("application/json") or not fetched.body:
                raise InvalidPart(service=part.service, why=_NOT_JSON)
            return Found(fetched.body)
        if name == self._view.subject and fetched.status in _DECISIVE:
            raise SubjectRefused(fetched)
        return _refusal(part, fetched)


def _members_of(outcome: Outcome, part: Part, view: View) -> Subject:
    if not isinstance(outcome, Found):
        raise SubjectMissing(subject=view.subject, service=part.service)
    members = orjson.loads(outcome.body)
    return Subject(members if isinstance(members, dict) else {})


def _refusal(part: Part, fetched: Fetched) -> Missing:
    """Why the service gave no answer, in its own words."""
    try:
        problem = orjson.loads(fetched.body)
        return Missing(part.service, str(problem["code"]), str(problem["detail"]))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Missing(part.service, f"http_{fetched.status}", f"HTTP {fetched.status}")
