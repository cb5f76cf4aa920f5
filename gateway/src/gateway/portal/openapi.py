"""One OpenAPI document of the whole system, made of those of the services."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm_platform.http.openapi import BEARER
from crm_platform.http.route import PUBLIC, SCOPE, SIGNED_IN
from gateway.compose.models import ANSWER_OF
from gateway.portal.naming import Document, component_names, operation_names, operations, rewritten
from gateway.proxy.routes import PUBLIC_PREFIX

GATEWAY = "gateway"
"""Name under which the gateway's own document is merged; its paths are public as they are."""

UNAVAILABLE = "x-unavailable-services"

_DESCRIPTION = """\
Customer relations from first contact to measured outcome.

**Sign in** at `POST /api/v1/auth/sign-in`, or exchange client credentials at `POST /api/v1/oauth/token`, and send
the token as `Authorization: Bearer …`; partner systems may send an API key as `X-API-Key` instead.

**Lists** take `limit`, `cursor`, `sort`, `fields`, `filter` ([CEL](https://cel.dev)) and `count`; unknown parameters
are refused. **Changes** need the record's ETag in `If-Match`. **POST** takes an `Idempotency-Key`, with which it can
be repeated safely. **Errors** are problem documents (RFC 9457) in English or Chinese, by `Accept-Language`.
"""
_SECURITY_SCHEMES = {
    **BEARER,
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Key of a partner system."},
}
_SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"api_key": []}]


class DuplicatePath(ValueError):
    """Two documents claim the same path."""


def merge(documents: Mapping[str, Document], *, unavailable: Iterable[str] = ()) -> Document:
    """The public API in one document.

    Paths of the services get the public prefix. A component that means the same everywhere is kept once;
    one whose name means different things gets the service's name in front, and so do operation ids.

    Args:
        documents: OpenAPI documents by service; the gateway's own one under :data:`GATEWAY`.
        unavailable: Services whose document could not be had; they are named in the result.

    Raises:
        DuplicatePath: Two documents claim the same path.
    """
    names, ids = component_names(documents), operation_names(documents)
    merged = _frame(unavailable)
    for service, document in documents.items():
        copy = rewritten(document, names[service])
        _rename_operations(copy, ids[service])
        _add_components(merged, copy, names[service])
        _add_paths(merged, copy, service)
    _add_tags(merged, documents)
    _secure(merged)
    return _with_answers(merged, merged, set(documents))  # type: ignore[no-any-return]


def _frame(unavailable: Iterable[str]) -> Document:
    missing = sorted(unavailable)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Guanxi API", "version": "1.0.0", "description": _DESCRIPTION, "contact": {"name": "Guanxi"}},
        **({UNAVAILABLE: missing} if missing else {}),
        "servers": [{"url": "/", "description": "This gateway"}],
        "security": _SECURITY,
        "tags": [],
        "paths": {},
        "components": {"securitySchemes": dict(_SECURITY_SCHEMES)},
    }


def _rename_operations(document: Document, names: Mapping[str, str]) -> None:
    for operation in operations(document):
        operation["operationId"] = names.get(operation["operationId"], operation["operationId"])
        for response in operation.get("responses", {}).values():
            for link in response.get("links", {}).values():
                link["operationId"] = names.get(link["operationId"], link["operationId"])


def _add_components(merged: Document, document: Document, names: Mapping[tuple[str, str], str]) -> None:
    for kind, members in document.get("components", {}).items():
        place = merged["components"].setdefault(kind, {})
        place.update({names.get((kind, name), name): content for name, content in members.items()})


def _add_paths(merged: Document, document: Document, service: str) -> None:
    for path, item in document.get("paths", {}).items():
        public = path if service == GATEWAY else f"{PUBLIC_PREFIX}{path}"
        if public in merged["paths"]:
            raise DuplicatePath(public)
        merged["paths"][public] = item


def _add_tags(merged: Document, documents: Mapping[str, Document]) -> None:
    groups = []
    seen: set[str] = set()
    for service, document in documents.items():
        title = document["info"]["title"].removeprefix("Guanxi").strip().capitalize() or "Gateway"
        tags = dict.fromkeys(tag for operation in operations(document) for tag in operation.get("tags", ()))
        new = [tag for tag in tags if tag not in seen]
        seen.update(new)
        described = {tag["name"]: tag for tag in document.get("tags", ())}
        served = {"description": f"Served by {service}."}
        merged["tags"] += [{"name": tag, **served, **described.get(tag, {})} for tag in new]
        if new:
            groups.append({"name": title, "tags": new})
    merged["x-tagGroups"] = groups


def _secure(merged: Document) -> None:
    for operation in operations(merged):
        scope = operation.get(SCOPE)
        if scope == PUBLIC:
            operation.setdefault("security", [])
        elif scope is not None and scope != SIGNED_IN:
            text = operation.get("description", "").rstrip()
            operation["description"] = f"{text}\n\nNeeds the scope `{scope}`.".lstrip()


def _with_answers(node: Any, merged: Document, present: set[str]) -> Any:
    """Put the schema of a service's answer where a composed view says that it holds that answer."""
    if isinstance(node, list):
        return [_with_answers(item, merged, present) for item in node]
    if not isinstance(node, dict):
        return node
    if ANSWER_OF in node:
        service, _, path = node[ANSWER_OF].partition(" ")
        schema = _answer_of(merged, path) if service in present else None
        return schema or {key: value for key, value in node.items() if key != ANSWER_OF}
    return {key: _with_answers(value, merged, present) for key, value in node.items()}


def _answer_of(merged: Document, path: str) -> Any:
    shape = _shape(f"{PUBLIC_PREFIX}{path}")
    for public, item in merged["paths"].items():
        if _shape(public) == shape and "get" in item:
            return item["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return None


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
