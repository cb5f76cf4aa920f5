"""Parameters that many operations take, as the OpenAPI document describes them."""

from typing import Any

from crm_platform.idempotency import MAX_KEY_LENGTH
from crm_platform.reads.page import DEFAULT_LIMIT, MAX_SORT_KEYS, PAGE_PARAMETERS, SEARCH_PARAMETERS
from crm_platform.reads.resource import Resource
from crm_platform.search.question import MATCHES, MAX_LENGTH
from crm_platform.settings import LimitSettings

Parameter = dict[str, Any]

IDEMPOTENCY_KEY: Parameter = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repetition of this request return the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[ -~]+$"},
}

IF_MATCH: Parameter = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "ETag of the version that the change is based on.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"1"']},
}

VIEW: Parameter = {
    "name": "view",
    "in": "query",
    "required": False,
    "description": "Id of a saved view, which gives filter, sort and fields; what the request says goes before.",
    "schema": {"type": "string", "format": "uuid"},
}


_Q = "Words that all have to be there, the last one or its beginning; Chinese as it is written, from one character on."
_VALUES = " A whole value of {names} finds who has it."
_MATCH = "Whether words may be `similar`: one letter wrong, or one Chinese character of at least three."


def _asked_for(resource: Resource) -> str:
    names = [f"`{name}`" for name in resource.search.values] if resource.search else []
    return _Q + _VALUES.format(names=" or ".join(names)) if names else _Q


def list_parameters(resource: Resource) -> list[Parameter]:
    """The query parameters of a list of ``resource``."""
    filters = ", ".join(f"`{name}`" for name in resource.listed_by)
    known = resource.sort_keys(found=True)
    sorts = ", ".join(f"`{name}`" for name in known)
    key, member = f"-?({'|'.join(known)})", f"({'|'.join(resource.field_names())})"
    some_keys = f"^{key}(,{key}){{0,{MAX_SORT_KEYS - 1}}}$"
    largest = LimitSettings().page_size
    sort = {"type": "string", "default": resource.default_sort, "pattern": some_keys}
    texts: dict[str, tuple[str, dict[str, Any]]] = {
        "limit": (
            "Size of the page.",
            {"type": "integer", "minimum": 1, "maximum": largest, "default": min(DEFAULT_LIMIT, largest)},
        ),
        "cursor": ("`next_cursor` of the page before.", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
        "sort": (f"Different keys by comma, `-` for descending: {sorts}.", sort),
        "fields": ("Members to return, by comma.", {"type": "string", "pattern": f"^{member}(,{member})*$"}),
        "filter": (f"CEL expression over {filters}.", {"type": "string"}),
        "count": ("Also count the matches.", {"type": "string", "enum": ["estimate", "exact"]}),
        "q": (_asked_for(resource), {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}),
        "match": (_MATCH, {"type": "string", "enum": list(MATCHES), "default": "words"}),
    }
    names = PAGE_PARAMETERS if resource.search is None else PAGE_PARAMETERS + SEARCH_PARAMETERS
    return [
        {"name": name, "in": "query", "required": False, "description": texts[name][0], "schema": texts[name][1]}
        for name in names
    ]
