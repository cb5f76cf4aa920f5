"""The HTTP server of an API process, and how it leaves so that no request is lost.

On SIGTERM: ready turns 503 and answers end their connections; after ``leave_seconds`` nobody is let in any more;
requests that have begun are finished; idle connections are told 408, which by RFC 9110 (15.5.9) means that a request
on its way to them was not taken and may be sent again, whatever it is. A connection that is merely closed leaves the
client of a POST or PATCH in doubt.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

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


class _Corked:
    """The transport as a response sees it: the head waits for the body, so that both are one system call, one packet.

    Where there is no body yet, the head goes out as soon as the loop has nothing else to do at the moment.
    """

    __slots__ = ("_begun", "_head", "_later", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._begun = False
        self._head = b""
        self._later: asyncio.Handle | None = None

    def write(self, data: bytes) -> None:
        """Write; the first piece is held for the second."""
        if self._head:
            self._head += data
            self.flush()
        elif self._begun:
            self._transport.write(data)
        else:
            self._begun, self._head = True, data
            self._later = self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what is held."""
        head, self._head = self._head, b""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def close(self) -> None:
        """Close, after what is held was written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self._transport.is_closing()


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
        if self.cycle is not None and not isinstance(self.cycle.transport, _Corked):
            self.cycle.transport = cast("Any", _Corked(self.transport, self.loop))
        if self.server_state.leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """End a request."""
        if self.cycle is not None and isinstance(self.cycle.transport, _Corked):
            self.cycle.transport.flush()  # a head without a body
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
