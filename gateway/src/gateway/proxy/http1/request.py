"""Requests as they go over the wire."""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

RawHeaders = Iterable[tuple[bytes, bytes]]
Body = bytes | AsyncIterator[bytes] | None

_TARGET = re.compile(rb"/[!-~\x80-\xff]*")
_METHOD = re.compile(rb"[A-Z]+")
_EXPECTS_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method: HTTP method.
        target: Path and query, encoded as they go over the wire.
        headers: All headers but Host and those that frame the body.
        body: The whole body, or its pieces as they come.
        length: Size of a body that comes in pieces; None where it is not known.
    """

    method: str
    target: str
    headers: RawHeaders
    body: Body = None
    length: int | None = None

    def head(self, host: bytes) -> bytes:
        """Everything before the body.

        Raises:
            ValueError: It would not arrive as the one request that it is meant to be.
        """
        method, target = self.method.encode("latin-1"), self.target.encode("latin-1")
        lines = [b"%b %b HTTP/1.1" % (method, target), b"host: " + host]
        lines += [name + b": " + value for name, value in self.headers]
        if framing := self._framing():
            lines.append(framing)
        head = b"\r\n".join(lines)
        breaks = len(lines) - 1
        whole = head.count(b"\n") == breaks == head.count(b"\r") and b"\0" not in head
        if not (whole and _TARGET.fullmatch(target) and _METHOD.fullmatch(method)):
            raise ValueError(head)
        return head + b"\r\n\r\n"

    @property
    def chunked(self) -> bool:
        """Whether the body goes in chunks, its size not being known."""
        return self.length is None and not isinstance(self.body, bytes | None)

    async def pieces(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """``body`` as it goes over the wire.

        Raises:
            ValueError: It is not as long as the head says.
        """
        sent = 0
        async for piece in body:
            sent += len(piece)
            if self.length is None:
                if piece:  # an empty chunk would be the end
                    yield b"%x\r\n%b\r\n" % (len(piece), piece)
            elif sent <= self.length:
                yield piece
            else:
                break
        if self.length is None:
            yield b"0\r\n\r\n"
        elif sent != self.length:
            raise ValueError(sent)

    def _framing(self) -> bytes | None:
        if self.chunked:
            return b"transfer-encoding: chunked"
        length = len(self.body) if isinstance(self.body, bytes) else self.length or 0
        if length or self.method in _EXPECTS_BODY:
            return b"content-length: %d" % length
        return None
