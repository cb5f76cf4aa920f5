import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.proxy.headers import content_length, public_address, to_client, to_service
from gateway_tests.serving import RunningGateway, StartGateway, read_request, serve_raw

BASE = "http://127.0.0.1:8101"
HOP_BY_HOP = [
    "Connection: close, X-Private",
    "Keep-Alive: timeout=5",
    "Proxy-Authenticate: Basic",
    "Proxy-Authorization: Basic eA==",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
    "Trailer: X-Sum",
    "X-Private: between two neighbours",
]
CLAIMS = [
    "Forwarded: for=1.2.3.4",
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /evil",
    "X-Real-IP: 1.2.3.4",
    "Via: 1.1 evil",
    "Cookie: session=secret",
    "X-API-Key: not-a-key-of-ours",
]


@pytest.fixture
async def heard() -> list[bytes]:
    """Requests that the raw service got."""
    return []


@pytest.fixture
async def raw_gateway(start_gateway: StartGateway, heard: list[bytes]) -> AsyncIterator[RunningGateway]:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await read_request(reader))
        head = "\r\n".join(["HTTP/1.1 200 Fine", *HOP_BY_HOP, "Server: secret/1.0", "Date: today", "ETag: 7"])
        writer.write(f"{head}\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 2\r\n\r\nok".encode())
        await writer.drain()

    async with serve_raw(conversation) as url:
        yield await start_gateway({"customer-svc": url})


async def ask(gateway: RunningGateway, *lines: str) -> bytes:
    """The whole answer to a request spelled out by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.serving.port)
    head = ["GET /api/v1/customers HTTP/1.1", "Host: crm.test", *lines]
    writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def names(message: bytes) -> list[str]:
    head = message.partition(b"\r\n\r\n")[0].decode("latin-1")
    return sorted(line.partition(":")[0].lower() for line in head.split("\r\n")[1:])


async def test_only_end_to_end_headers_reach_the_service(raw_gateway: RunningGateway, heard: list[bytes]) -> None:
    token = raw_gateway.issuer.token(raw_gateway.caller())
    own = ["Accept: */*", "Accept-Language: zh", "If-Match: 7", "X-Twice: a", "X-Twice: b"]

    await ask(raw_gateway, f"Authorization: bearer {token}", *HOP_BY_HOP, *CLAIMS, *own)

    assert names(heard[0]) == [
        "accept",
        "accept-language",
        "authorization",
        "crm-deadline-ms",
        "host",
        "if-match",
        "traceparent",
        "x-correlation-id",
        "x-twice",
        "x-twice",
    ]
    assert b"Host: crm.test" not in heard[0]


async def test_only_end_to_end_headers_reach_the_client(raw_gateway: RunningGateway) -> None:
    token = raw_gateway.issuer.token(raw_gateway.caller())

    answer = await ask(raw_gateway, f"Authorization: Bearer {token}", "Connection: close")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nok")
    assert names(answer) == [
        "connection",
        "content-length",
        "etag",
        "ratelimit",
        "ratelimit-policy",
        "x-correlation-id",
        "x-twice",
        "x-twice",
    ]


def test_headers_that_the_connection_header_names_are_dropped() -> None:
    headers = [(b"x-a", b"1"), (b"connection", b"X-A , close"), (b"x-b", b"2")]

    assert to_service(headers) == [(b"x-b", b"2")]
    assert to_client(headers, BASE) == [(b"x-b", b"2")]


def test_names_are_in_lower_case_towards_the_client() -> None:
    assert to_client([(b"ETag", b'"1"')], BASE) == [(b"etag", b'"1"')]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (b"/v1/customers/1", b"/api/v1/customers/1"),
        (b"http://127.0.0.1:8101/v1/customers/1?a=b", b"/api/v1/customers/1?a=b"),
        (b"http://127.0.0.1:8102/v1/orders/1", b"http://127.0.0.1:8102/v1/orders/1"),
        (b"https://partner.test/v1/x", b"https://partner.test/v1/x"),
        (b"/health/live", b"/health/live"),
    ],
)
def test_addresses(address: bytes, public: bytes) -> None:
    assert public_address(address, BASE) == public


def test_text_that_is_not_ascii_keeps_its_bytes() -> None:
    headers = [(b"x-utf8", "上海".encode()), (b"x-latin", "é".encode("latin-1"))]

    assert to_service(headers) == headers


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], 0),
        ([(b"content-length", b"12")], 12),
        ([(b"transfer-encoding", b"chunked")], None),
        ([(b"content-length", b"12"), (b"transfer-encoding", b"chunked")], None),
    ],
)
def test_content_length(headers: list[tuple[bytes, bytes]], length: int | None) -> None:
    assert content_length(headers) == length
