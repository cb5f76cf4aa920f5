"""Pages for people who come with a browser: when one is asked for, and how it is handed out."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from crm_platform.errors import DomainError

HTML: Final = "text/html"
NEGOTIATED: Final = "accept, accept-language"
"""What an answer depends on that may be a page: its header Vary."""

ProblemPage = Callable[[DomainError, str], Response]
"""Says what is wrong to somebody who came with a browser, in ``en`` or ``zh``."""


def asks_for_page(accept: str | None) -> bool:
    """Whether an Accept header prefers HTML to JSON, as browsers do; whoever accepts anything gets JSON."""
    qualities = dict(_quality(part) for part in (accept or "").split(","))
    return qualities.get(HTML, 0.0) > qualities.get("application/json", 0.0)


def page_answer(html: str, style: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A page that runs no script, loads nothing, is framed by nobody, and sends its form only to where it is from.

    Args:
        html: The whole page.
        style: What stands in its ``style``; no other style counts.
        status: Of the answer.
        headers: Further ones.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    protective = {
        "cache-control": "private, no-store",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "vary": NEGOTIATED,
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
    }
    return Response(html, status, {**(headers or {}), **protective}, f"{HTML}; charset=utf-8")


def _quality(part: str) -> tuple[str, float]:
    kind, *parameters = (one.strip().lower() for one in part.split(";"))
    given = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return kind, float(given)
    except ValueError:
        return kind, 0.0
