"""Searches for what is sealed: a whole phone number or e-mail address, which is found by equality alone.

Such a search is a filter by the sealed value: so whoever does not see the member, of one record or of all, does not
find it, and is refused where the filter would be.
"""

from typing import Protocol

import orjson

from crm_platform.cel import FieldMap
from crm_platform.search.declare import RELEVANCE, SearchPart


class Searched(Protocol):
    """What has a search; a resource is one."""

    @property
    def search(self) -> SearchPart | None:
        """How it is searched."""

    @property
    def asked(self) -> FieldMap:
        """Fields that ask for sealed values."""

    @property
    def default_sort(self) -> str:
        """The order where nobody names one."""


def value_filter(text: str, resource: Searched) -> str | None:
    """The filter (CEL) by the sealed value that ``text`` is; None where it is none, but words."""
    if resource.search is None:
        return None
    found = []
    for name in resource.search.values:
        finder = resource.asked[name].finder
        normal = finder.normal(text) if finder is not None else None
        if normal is not None:
            found.append(f"{orjson.dumps(normal).decode()} in {name}")
    return f"({' || '.join(found)})" if found else None


def without_relevance(sort: str, resource: Searched) -> str:
    """The sort keys of a list in which all records are equally relevant."""
    kept = [key for key in sort.split(",") if key.removeprefix("-") != RELEVANCE]
    return ",".join(kept) or resource.default_sort
