"""What a connection pooler between a process and PostgreSQL has to put up with."""

import asyncio
import struct

import pytest

from crm_platform.db import Database
from crm_platform.errors import Unavailable
from crm_platform.settings import DatabaseSettings
from crm_runtime.pytest_plugin import MakeDatabase

PACKAGE = "pooled_svc"
SSL_REQUEST = 80877103
PASSED_BY_POOLERS = {"user", "database", "client_encoding", "application_name", "timezone"}
"""Whatever else a client asks for at its start, PgBouncer refuses."""


async def _asked_at_the_start() -> set[str]:
    """The parameters in the first packet of a connection, as a server that then hangs up sees them."""
    seen: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length, code = struct.unpack("!ii", await reader.readexactly(8))
        if code == SSL_REQUEST:
            writer.write(b"N")
            length, code = struct.unpack("!ii", await reader.readexactly(8))
        if not seen.done():
            seen.set_result(await reader.readexactly(length - 8))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(DatabaseSettings(url=f"postgresql://a:b@127.0.0.1:{port}/crm"), name="api")
    with pytest.raises(Unavailable):
        await database.open()
    server.close()
    await server.wait_closed()
    words = seen.result().split(b"\0")
    return {name.decode().lower() for name in words[0:-2:2]}


async def test_a_connection_asks_for_nothing_that_a_pooler_refuses() -> None:
    assert await _asked_at_the_start() <= PASSED_BY_POOLERS


async def test_every_connection_has_the_time_limits_of_the_settings(make_database: MakeDatabase) -> None:
    settings = DatabaseSettings(url=make_database(PACKAGE).url, pool_min=2, statement_timeout=7.0, lock_timeout=3.0)
    database = Database(settings, name="api")
    await database.open()
    try:
        async with database.pool.acquire() as first, database.pool.acquire() as second:
            for connection in (first, second):
                names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
                assert [await connection.fetchval(f"SHOW {name}") for name in names] == ["7s", "3s", "7s"]
    finally:
        await database.close()
