"""The OpenAPI document as our routes really behave."""

from collections.abc import Iterator
from typing import Any

from crm_platform.http.links import add_links
from crm_platform.http.parameters import IDEMPOTENCY_KEY, IF_MATCH, VIEW
from crm_platform.http.problems import MEDIA_TYPE, Problem
from crm_platform.http.route import PUBLIC, SCOPE, SIGNED_IN

BEARER = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Access token, valid for a few minutes.",
    }
}
"""The one way into a service."""

PROBLEMS = {
    400: ("BadRequest", "The request is malformed, or a parameter is unknown or cannot be used."),
    401: ("Unauthenticated", "There is no valid access token."),
    403: ("Forbidden", "The caller lacks the scope that the operation needs."),
    404: ("NotFound", "There is no such record, or not for this caller."),
    409: ("Conflict", "A rule forbids the change in the present state."),
    410: ("Gone", "What is asked for was erased for good."),
    412: ("VersionMismatch", "The record has changed since it was read."),
    413: ("PayloadTooLarge", "The body is bigger than allowed."),
    415: ("UnsupportedMediaType", "The body's content type is not understood here."),
    422: ("InvalidPayload", "The body does not fit its schema, or the idempotency key belongs to another request."),
    428: ("PreconditionRequired", "The version that the change is based on is missing."),
    429: ("TooManyRequests", "The caller's allowance is used up."),
    503: ("Unavailable", "Something that is needed does not answer; try again shortly."),
    504: ("DeadlineExceeded", "The request did not finish in time."),
}
"""Name and meaning of every status that is answered by a problem document."""

_ANYWHERE = (400, 429, 503, 504)
_UNUSED = ("HTTPValidationError", "ValidationError")
_REFERENCE = "#/components/schemas/{model}"


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's ``document``, corrected in place.

    Every operation says which problems it answers, each a problem document; which need no token; and what can be
    done next with a record that it answers.
    """
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=_REFERENCE)
    schemas.update(problem.pop("$defs"), Problem=problem)
    used = {status for path, method, operation in _operations(document) for status in _correct(path, method, operation)}
    components["responses"] = {PROBLEMS[status][0]: _problem(PROBLEMS[status][1]) for status in sorted(used)}
    components["securitySchemes"] = BEARER
    document["security"] = [{"bearer": []}]
    document["info"]["contact"] = {"name": "Guanxi"}
    document["servers"] = [{"url": "/"}]
    tags = dict.fromkeys(tag for _, _, operation in _operations(document) for tag in operation.get("tags", ()))
    document["tags"] = [{"name": tag} for tag in tags]
    add_links(document)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            yield path, method, operation


def _correct(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """Declare the problems of one operation; returns their statuses."""
    responses = operation["responses"]
    # FastAPI promises a 422 of its own wherever there are parameters; ours are answered by a 400.
    if _UNUSED[0] in str(responses.get("422", {})):
        del responses["422"]
    if operation.get(SCOPE) == PUBLIC:
        operation["security"] = []
    own = {int(status) for status, response in responses.items() if status >= "4" and "content" not in response}
    given = {int(status) for status in responses} - own
    statuses = (own | _statuses(path, method, operation)) - given
    for status in sorted(statuses):
        responses[str(status)] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}
    operation["responses"] = dict(sorted(responses.items()))
    return statuses


def _statuses(path: str, method: str, operation: dict[str, Any]) -> set[int]:
    """The problems that follow from what the operation is."""
    statuses = set(_ANYWHERE)
    scope = operation.get(SCOPE)
    if scope != PUBLIC:
        statuses |= {401} if scope == SIGNED_IN else {401, 403}
    parameters = {parameter["name"] for parameter in operation.get("parameters", ())}
    if "{" in path or VIEW["name"] in parameters:
        statuses.add(404)
    if method != "get" and scope != PUBLIC:
        statuses.add(409)
    if IF_MATCH["name"] in parameters:
        statuses |= {412, 428}
    if IDEMPOTENCY_KEY["name"] in parameters:
        statuses.add(422)
    if "requestBody" in operation:
        statuses |= {413, 415, 422}
    return statuses


def _problem(description: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="Problem")}}}
    return {"description": description, "content": content}
