"""Which headers cross the gateway, in both directions."""

from collections.abc import Iterable

from gateway.proxy.routes import PUBLIC_PREFIX

RawHeaders = Iterable[tuple[bytes, bytes]]

CLIENT_ADDRESS = b"crm-client-address"
"""Tells a service that looks for itself who may ask from where an open request comes."""

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_NOT_FORWARDED = _HOP_BY_HOP | {
    # Credentials stay here: the service gets a token of the caller.
    b"authorization",
    b"cookie",
    b"x-api-key",
    # What the gateway says itself, so that no client can say it in its place.
    b"host",
    b"content-length",
    b"expect",
    b"x-correlation-id",
    b"traceparent",
    b"crm-deadline-ms",
    b"crm-about",
    CLIENT_ADDRESS,
    # Claims about a path that nobody can check.
    b"forwarded",
    b"via",
    b"x-real-ip",
}
_CLAIMS = b"x-forwarded-"
_NOT_RETURNED = _HOP_BY_HOP | {b"server", b"date", b"set-cookie"}
_ADDRESSES = frozenset({b"location", b"content-location"})


def to_service(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The client's headers that a service may see; those that frame the body are the sender's business."""
    passed = []
    named: set[bytes] = set()
    for pair in headers:
        name, value = pair
        if name not in _NOT_FORWARDED and not name.startswith(_CLAIMS):
            passed.append(pair)
        elif name == b"connection":
            named.update(part.strip().lower() for part in value.split(b","))
    return [pair for pair in passed if pair[0] not in named] if named else passed


def to_client(headers: RawHeaders, base_url: str) -> list[tuple[bytes, bytes]]:
    """The service's headers as the client sees them; ``base_url`` is the service's own address."""
    passed = []
    named: set[bytes] = set()
    for raw_name, value in headers:
        name = raw_name.lower()
        if name in _ADDRESSES:
            passed.append((name, public_address(value, base_url)))
        elif name not in _NOT_RETURNED:
            passed.append((name, value))
        elif name == b"connection":
            named.update(part.strip().lower() for part in value.split(b","))
    return [pair for pair in passed if pair[0] not in named] if named else passed


def public_address(value: bytes, base_url: str) -> bytes:
    """A path at the service as the client can call it: ``/v1/...`` becomes ``/api/v1/...``."""
    path = value.removeprefix(base_url.encode())
    return PUBLIC_PREFIX.encode() + path if path.startswith(b"/v1/") else value


def content_length(headers: RawHeaders) -> int | None:
    """The announced size of a body; 0 where there is none, None where it comes in chunks of unknown number."""
    length: int | None = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value)
    return length


def header(headers: RawHeaders, name: bytes) -> str | None:
    """The first value of a header; ``name`` in lower case."""
    return next((value.decode("latin-1") for key, value in headers if key == name), None)
