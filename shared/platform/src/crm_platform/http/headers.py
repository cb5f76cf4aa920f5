"""The headers of a request as a plain dictionary."""

from collections.abc import Mapping
from typing import Any

RequestHeaders = Mapping[str, str]
"""Values by lower-case name; of a header that came several times, the first."""


def headers_of(scope: Mapping[str, Any]) -> RequestHeaders:
    """The headers of a request.

    Starlette's `Headers` go through all of them at each look, and raise and catch an exception for one that is absent;
    the middleware looks eight times.
    """
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
