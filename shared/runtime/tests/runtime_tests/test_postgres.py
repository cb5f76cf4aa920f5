"""The embedded server: what it is like, and what it does after all kinds of accidents."""

import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import psutil
import pytest

from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres, is_cluster
from crm_runtime.postgres_config import PostgresOptions

PASSWORD = "secret"
Start = Callable[..., EmbeddedPostgres]


@pytest.fixture
async def make_server(open_folder: Path) -> AsyncIterator[Start]:
    """Makes servers over one data folder; they are stopped at the end."""
    async with AsyncExitStack() as stack:

        def make(*, password: str = PASSWORD, durable: bool = False, reset_password: bool = False) -> EmbeddedPostgres:
            server = EmbeddedPostgres.at(
                open_folder / "postgres",
                PostgresOptions(port=free_ports(1)[0], max_connections=20, durable=durable),
                admin_password=password,
                log_file=open_folder / "postgres.log",
                reset_password=reset_password,
            )
            stack.push_async_callback(server.stop)
            return server

        yield make


async def ask(server: EmbeddedPostgres, question: str) -> object:
    connection = await asyncpg.connect(server.admin_url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_is_safe_and_local(make_server: Start) -> None:
    server = make_server(durable=True)
    await server.start()
    shown = {name: await ask(server, f"SHOW {name}") for name in ("fsync", "timezone", "data_checksums", "jit")}
    assert shown == {"fsync": "on", "timezone": "UTC", "data_checksums": "on", "jit": "off"}
    assert await ask(
        server, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'template0'"
    ) == ("bC.UTF-8")
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(server.child.identity.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    assert psutil.Process(server.child.identity.pid).uids().real != 0
    for wrong in ("wrong", ""):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.admin_url.replace(PASSWORD, wrong), password=wrong or None)


async def test_data_survives_kill_9_and_a_lock_that_names_a_foreign_process(
    make_server: Start, open_folder: Path
) -> None:
    first = make_server(durable=True)
    await first.start()
    await ask(first, "CREATE TABLE thing AS SELECT 42 AS answer")
    lock = (open_folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
    first.child.kill()
    await first.child.wait()
    foreign = lock.replace(str(first.child.identity.pid), str(os.getppid()), 1)
    (open_folder / "postgres" / "postmaster.pid").write_text(foreign, encoding="utf-8")
    second = make_server(durable=True)
    await second.start()
    assert await ask(second, "SELECT answer FROM thing") == 42


async def test_a_server_left_on_the_folder_is_stopped_first(make_server: Start) -> None:
    orphan, second = make_server(), make_server()
    await orphan.start()
    await second.start()
    assert await orphan.child.wait() == 0
    assert await ask(second, "SELECT 1") == 1


async def test_a_half_made_cluster_is_put_aside_and_made_anew(make_server: Start, open_folder: Path) -> None:
    (open_folder / "postgres.building").mkdir()
    (open_folder / "postgres.building" / "PG_VERSION").write_text("18\n", encoding="ascii")
    (open_folder / "postgres").mkdir()
    (open_folder / "postgres" / "PG_VERSION").write_text("18\n", encoding="ascii")
    server = make_server()
    os.chown(open_folder / "postgres", *owner_of_server(server))
    await server.start()
    assert is_cluster(open_folder / "postgres")
    assert (open_folder / "postgres.incomplete-1" / "PG_VERSION").exists()
    assert not (open_folder / "postgres.building").exists()


def owner_of_server(server: EmbeddedPostgres) -> tuple[int, int]:
    user = server.home.user
    return (user.uid, user.gid) if user else (os.getuid(), os.getgid())


async def test_data_of_another_version_is_left_alone(make_server: Start, open_folder: Path) -> None:
    server = make_server()
    await server.start()
    await server.stop()
    (open_folder / "postgres" / "PG_VERSION").write_text("17\n", encoding="ascii")
    with pytest.raises(RuntimeProblem, match="written by PostgreSQL 17, but this program brings 18"):
        await make_server().start()
    assert (open_folder / "postgres" / "PG_VERSION").read_text(encoding="ascii") == "17\n"


async def test_a_lost_password_is_set_anew(make_server: Start) -> None:
    first = make_server()
    await first.start()
    await first.stop()
    with pytest.raises(RuntimeProblem, match="refuses the password"):
        await make_server(password="it's new").start()
    second = make_server(password="it's new", reset_password=True)
    await second.start()
    assert await ask(second, "SELECT 1") == 1


async def test_a_taken_port_names_who_has_it(make_server: Start) -> None:
    server = make_server()
    with (
        socket.create_server(("127.0.0.1", server.options.port)),
        pytest.raises(
            RuntimeProblem, match=rf"Port {server.options.port}, which PostgreSQL wants, is taken by .*{os.getpid()}"
        ),
    ):
        await server.start()


async def test_it_stops_when_asked_and_leaves_a_clean_folder(make_server: Start, open_folder: Path) -> None:
    server = make_server()
    await server.start()
    session = await asyncpg.connect(server.admin_url)
    await server.stop()
    assert server.child.exit_code == 0
    assert not (open_folder / "postgres" / "postmaster.pid").exists()
    session.terminate()
    assert server.child.spec.stop_signal == signal.SIGINT
