"""The HTTP client towards services that speak TLS."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.proxy.http1 import ConnectFailed, Pool
from gateway_tests.proxy.upstreams import OK, PATIENCE, whole
from gateway_tests.serving import read_request


def certificate(folder: Path, address: str) -> Path:
    """A file with a certificate for ``address`` that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "service")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "service.pem"
    file.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def serve_tls(file: Path) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await read_request(reader)
                writer.write(OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.parametrize(
    ("trusted", "address", "answered"),
    [(True, "127.0.0.1", True), (False, "127.0.0.1", False), (True, "127.0.0.2", False)],
)
async def test_only_a_service_with_a_trusted_certificate_of_its_own_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, address: str, answered: bool
) -> None:
    file = certificate(tmp_path, address)
    monkeypatch.setenv("SSL_CERT_FILE", str(file if trusted else tmp_path / "none.pem"))
    async with serve_tls(file) as url:
        pool = Pool(url, connect_timeout=PATIENCE, keepalive_timeout=PATIENCE)
        if answered:
            assert [await whole(pool) for _ in range(2)] == [(200, b"ok")] * 2
            assert pool.idle == 1
        else:
            with pytest.raises(ConnectFailed):
                await whole(pool)
        pool.close()
