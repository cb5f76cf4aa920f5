"""A broker that wants TLS: clients speak to it only if they know who signed its certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from crm_platform.events.kafka import CLIENT_ERRORS, new_admin
from crm_platform.events.security import SASL_MECHANISM, kafka_options
from crm_platform.settings import KafkaSettings
from platform_tests.events.certificates import self_signed


@asynccontextmanager
async def _listening(certificate: Path) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A TLS server that hangs up after it has heard something; its address, and what it heard."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1024))
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(("known", "speaks"), [("broker", True), ("stranger", False)])
async def test_a_client_speaks_to_whom_its_authority_vouches_for(tmp_path: Path, known: str, speaks: bool) -> None:
    files = {name: self_signed(tmp_path, name) for name in ("broker", "stranger")}
    async with _listening(files["broker"]) as (address, heard):
        settings = KafkaSettings(bootstrap=address, security="SSL", ca_file=files[known])
        with pytest.raises(CLIENT_ERRORS):
            await new_admin(kafka_options(settings))
    assert any(heard) is speaks


async def test_a_login_is_by_scram_and_never_in_the_clear(tmp_path: Path) -> None:
    authority = self_signed(tmp_path, "broker")
    settings = KafkaSettings(
        security="SASL_SSL", ca_file=authority, username="customer-svc", password=SecretStr("secret")
    )
    client = kafka_options(settings).client
    assert (client["sasl_mechanism"], client["sasl_plain_username"]) == (SASL_MECHANISM, "customer-svc")
    assert client["sasl_plain_password"] == "secret"
    assert client["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert client["ssl_context"].check_hostname is True


@pytest.mark.parametrize("login", [{}, {"username": "customer-svc"}, {"password": SecretStr("secret")}])
def test_half_a_login_is_refused_at_the_start(login: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="SASL_SSL needs a username and a password"):
        KafkaSettings.model_validate({"security": "SASL_SSL", **login})


def test_without_security_nothing_is_asked_of_the_client() -> None:
    assert kafka_options(KafkaSettings()).client == {}
