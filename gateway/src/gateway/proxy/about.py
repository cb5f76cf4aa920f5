"""Questions about what another user may do: only the gateway knows, and so tells the service that answers."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from crm_platform.access.about import ABOUT_HEADER, ABOUT_PARAMETER, user_id_of
from crm_platform.context import Caller

AboutToken = Callable[[Caller, UUID], Awaitable[str]]
"""Makes a token that tells what the user of this id may do, where the caller may know that."""

_PATH: Final = b"/access/explain"


async def headers_about(
    path: bytes, query: bytes, caller: Caller | None, make: AboutToken
) -> list[tuple[bytes, bytes]]:
    """What a service is told beside the request itself.

    Raises:
        InvalidParameter: It names no user.
        Forbidden: The caller may not ask about others, or not about this one.
        NotFound: There is no such user.
    """
    if caller is None or not path.endswith(_PATH):
        return []
    named = parse_qs(query.decode("latin-1")).get(ABOUT_PARAMETER)
    if not named:
        return []
    id = user_id_of(named[-1])
    return [] if id == caller.id else [(ABOUT_HEADER.encode(), (await make(caller, id)).encode())]
