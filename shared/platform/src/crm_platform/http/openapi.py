"""The OpenAPI document as our routes really behave."""

from typing import Any

from crm_platform.http.problems import MEDIA_TYPE

_UNUSED = ("HTTPValidationError", "ValidationError")
_PLAIN = "application/json"


def tidied(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI's ``document``, corrected in place: every error is a problem document, and nothing else."""
    for item in document.get("paths", {}).values():
        for operation in item.values():
            if isinstance(operation, dict):
                _correct(operation.get("responses", {}))
    schemas = document.get("components", {}).get("schemas", {})
    for name in _UNUSED:
        schemas.pop(name, None)
    return document


def _correct(responses: dict[str, Any]) -> None:
    # FastAPI promises a 422 of its own wherever there are parameters; ours are answered by a 400.
    if _UNUSED[0] in str(responses.get("422", {})):
        del responses["422"]
    for response in responses.values():
        content = response.get("content", {})
        if MEDIA_TYPE in content:
            content.pop(_PLAIN, None)
