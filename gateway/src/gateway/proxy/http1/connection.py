"""One connection to a service, on which one exchange follows the other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, cast

import httptools

from gateway.proxy.http1.errors import ConnectionBroke, HttpError, ProtocolViolation
from gateway.proxy.http1.request import Request
from gateway.proxy.http1.response import Response

MAX_HEADERS: Final = 128
MAX_UNPRODUCTIVE: Final = 64 * 1024
"""Bytes that may come without a byte of the body among them: heads, trailers, chunk extensions."""

_INTERIM: Final = frozenset({100, 102, 103})
_BODILESS: Final = frozenset({204, 304})
_STATUSES: Final = range(200, 600)
_VERSIONS: Final = frozenset({"1.0", "1.1"})


class Connection(asyncio.Protocol):
    """The protocol of one connection.

    httptools (llhttp) refuses doubtful framing by itself: two lengths, a length beside chunks, bare line feeds,
    folded or malformed headers, sizes that overflow. What it lets pass is refused here.

    Attributes:
        idle_since: When the last exchange ended, by the event loop's clock.
    """

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._response: Response | None = None
        self._bodiless = False
        self._interim = False
        self._until_close = False
        self._keep = True
        self._unproductive = 0
        self._reading_paused = False
        self._sending: asyncio.Task[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    @property
    def open(self) -> bool:
        """Whether anything can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reusable(self) -> bool:
        """Whether another exchange can follow: this one has ended on both sides, to the byte."""
        whole = self._response is None or self._response.ended
        return whole and self._keep and self.open and (self._sending is None or self._sending.done())

    async def exchange(self, request: Request, host: bytes) -> Response:
        """Send ``request``; returns its response as soon as the head is there.

        A body that comes in pieces goes on being sent while the response is read.

        Raises:
            HttpError: There is no response.
        """
        head, body = request.head(host), request.body
        response = self._response = Response(self._resume)
        self._bodiless = request.method == "HEAD"
        self._until_close = self._interim = False
        self._unproductive = 0
        assert self._transport is not None  # noqa: S101  (the pool hands out connected ones)
        if isinstance(body, bytes | None):
            self._transport.write(head + body if body else head)
        else:
            self._transport.write(head)
            self._sending = self._loop.create_task(self._send(body, request))
        await response.wait_for_head()
        return response

    def close(self) -> None:
        """End the connection, whatever is under way."""
        self._keep = False
        if self._sending is not None:
            self._sending.cancel()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports derive from nothing

    def data_received(self, data: bytes) -> None:
        """Something came."""
        response = self._response
        if response is None or response.ended:
            self.close()  # nobody asked for it, so nobody knows what it answers
            return
        self._unproductive += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._refuse(_reason(error))
            return
        if self._unproductive > MAX_UNPRODUCTIVE and not response.ended:
            self._refuse("head or trailer too long")
        elif response.crowded and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """The other side sends no more; we do not go on talking to it."""
        response = self._response
        if response is not None and response.has_head and self._until_close:
            response.end()
        self._fail(ConnectionBroke("closed by the service"))

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone."""
        self._fail(ConnectionBroke(str(error or "closed")))
        self.resume_writing()

    def pause_writing(self) -> None:
        """The other side is slow to take what is sent."""
        if self._writable is None:
            self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """It has caught up, or is gone."""
        writable, self._writable = self._writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def on_message_begin(self) -> None:
        """A head begins."""
        if self._response is None or self._response.ended:
            raise ProtocolViolation("bytes after the end")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header came, or a trailer, which nobody reads."""
        response = self._response
        if response is not None and not response.has_head:
            response.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        response, status = self._response, self._parser.get_status_code()
        assert response is not None  # noqa: S101  (on_message_begin has seen to it)
        if len(response.headers) > MAX_HEADERS:
            raise ProtocolViolation("too many headers")
        if status in _INTERIM:
            self._interim = True
            response.headers.clear()
            return
        if status not in _STATUSES:
            raise ProtocolViolation(f"status {status}")
        response.status = status
        self._keep = self._keep and self._parser.should_keep_alive()
        if not self._keep and self._parser.get_http_version() not in _VERSIONS:
            raise ProtocolViolation("version")
        self._frame(response)
        response.begin()
        if self._bodiless:
            # The parser does not know what was asked, and would wait for the body that GET has.
            self._parser = httptools.HttpResponseParser(self)
            response.end()

    def on_body(self, piece: bytes) -> None:
        """A piece of the body came."""
        if self._response is None or self._response.ended:
            raise ProtocolViolation("a body where there can be none")
        self._unproductive = 0
        self._response.add(piece)

    def on_message_complete(self) -> None:
        """The response, or one that only comes before it, is complete."""
        if self._interim:
            self._interim = False
        elif self._response is not None:
            self._response.end()

    def _frame(self, response: Response) -> None:
        """Find out how long the body is."""
        codings = []
        for name, value in response.headers:
            if name == b"content-length":
                response.content_length = int(value)
            elif name == b"transfer-encoding":
                codings.append(value.lower())
        if codings and (codings != [b"chunked"] or self._parser.get_http_version() != "1.1"):
            raise ProtocolViolation("transfer coding")
        bodiless = self._bodiless or response.status in _BODILESS
        self._until_close = not (codings or bodiless or response.content_length is not None)

    def _refuse(self, why: str) -> None:
        self._fail(ProtocolViolation(why))
        self.close()

    def _fail(self, error: HttpError) -> None:
        self._keep = False
        if self._response is not None:
            self._response.fail(error)

    def _resume(self) -> None:
        if self._reading_paused and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()

    async def _send(self, body: AsyncIterator[bytes], request: Request) -> None:
        """Send a body piece by piece; where that fails, so does the exchange."""
        try:
            async for piece in request.pieces(body):
                if self._transport is None or self._transport.is_closing():
                    return
                self._transport.write(piece)
                if self._writable is not None:
                    await self._writable
        except Exception as error:  # noqa: BLE001  (whatever it is, the reader of the response hears of it)
            self._refuse(f"the body of the request broke off: {error}")


def _reason(error: Any) -> str:
    return str(error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else error)
