"""Puts the parts of a view together, as the bytes they came in."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.compose.gather import Found, Missing, Outcome
from gateway.compose.view import Part, View
from gateway.proxy.client import Fetched


def render(view: View, outcomes: Mapping[str, Outcome]) -> bytes:
    """The JSON of the view; parts are copied, not parsed."""
    content: dict[str, Any] = {}
    for name, member in view.members.items():
        if isinstance(member, Part):
            content[name] = _fragment(outcomes[name])
        else:
            content[name] = {inner: _fragment(outcomes[f"{name}.{inner}"]) for inner in member}
    content["missing"] = [
        {"part": name, "service": outcome.service, "code": outcome.code, "detail": outcome.detail}
        for name, outcome in outcomes.items()
        if isinstance(outcome, Missing)
    ]
    return orjson.dumps(content)


def _fragment(outcome: Outcome) -> orjson.Fragment | None:
    return orjson.Fragment(outcome.body) if isinstance(outcome, Found) else None


def refused(request: Request, answer: Fetched) -> Response:
    """The service's problem, about the path that the client asked for."""
    body, headers = answer.body, {"cache-control": "no-store"}
    try:
        problem = orjson.loads(body)
        body = orjson.dumps({**problem, "instance": request.url.path})
        headers |= _location(request, problem)
    except (orjson.JSONDecodeError, TypeError):
        pass
    return Response(body, answer.status, headers, answer.content_type or None)


def _location(request: Request, problem: Mapping[str, Any]) -> dict[str, str]:
    """Where the same view is of the record that stands for the subject, which was merged into it."""
    if "moved_to" not in problem:
        return {}
    (subject,) = request.path_params.values()
    return {"location": request.url.path.replace(str(subject), str(problem["moved_to"]), 1)}
