"""The HTTP server of an API process, and how it leaves so that no request is lost.

On SIGTERM: ready turns 503 and answers end their connections; after ``leave_seconds`` nobody is let in any more;
requests that have begun are finished; idle connections are told 408, which by RFC 9110 (15.5.9) means that a request
on its way to them was not taken and may be sent again, whatever it is. A connection that is merely closed leaves the
client of a POST or PATCH in doubt.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from crm_platform.settings import HttpSettings

KEEP_ALIVE_SECONDS = 75
LINGER_SECONDS = 1.0
"""How long a client may take to read its 408 and close; a reset would take the answer away from it."""
NOT_TAKEN = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class _State(ServerState):
    """What the connections of a server share."""

    def __init__(self) -> None:
        super().__init__()
        self.leaving = False


class _Connection(HttpToolsProtocol):
    """A connection that can say goodbye."""

    server_state: _State
    cycle: RequestResponseCycle | None  # type: ignore[assignment]  # there is none before the first request
    _dismissed = False

    def data_received(self, data: bytes) -> None:
        """Take in more of a request, unless the client was told that no further one is taken."""
        if not self._dismissed:
            super().data_received(data)

    def on_headers_complete(self) -> None:
        """Begin a request."""
        super().on_headers_complete()
        if self.server_state.leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """End a request."""
        super().on_response_complete()
        if self.server_state.leaving and not self.transport.is_closing() and not self.pipeline:
            self._dismiss()

    def shutdown(self) -> None:
        """End once no request is running."""
        if self.cycle is None or self.cycle.response_complete:
            self._dismiss()
        elif not self.cycle.response_started:
            self.cycle.keep_alive = False

    def _dismiss(self) -> None:
        if self._dismissed or self.transport.is_closing():
            return
        self._dismissed = True
        self._unset_keepalive_if_required()
        self.transport.write(NOT_TAKEN)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


class Server(uvicorn.Server):
    """Serves an app on one listening socket until SIGTERM or SIGINT.

    Args:
        app: ASGI application.
        settings: Where to listen, and how long to take for leaving.
        on_leaving: Called first of all when the end was asked for; ready has to say so from then on.
    """

    def __init__(self, app: Any, settings: HttpSettings, on_leaving: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                loop="auto",
                http=_Connection,
                interface="asgi3",
                access_log=False,
                log_config=None,
                server_header=False,
                date_header=False,
                proxy_headers=False,  # nobody's word about where a request came from is taken
                timeout_graceful_shutdown=int(settings.drain_seconds),
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        self.server_state: _State = _State()
        self._leave_seconds = settings.leave_seconds
        self._on_leaving = on_leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Leave in order."""
        self._on_leaving()
        self.server_state.leaving = True
        # Even 0 seconds let the loop take in the connections that the kernel has made already.
        await asyncio.sleep(self._leave_seconds)
        await super().shutdown(sockets)
