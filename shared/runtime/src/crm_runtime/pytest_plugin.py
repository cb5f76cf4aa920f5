"""Pytest fixtures: one real PostgreSQL and one real Kafka broker for the whole run, started when first needed.

Under pytest-xdist all workers share them. See `crm_runtime.session_host` for who holds them, and
`crm_runtime.testing` for how fresh databases are made.

`--kafka-backend` chooses the broker. Tests marked `kafka` are about Apache Kafka itself, and are left out of a run
on the embedded one.
"""

import asyncio
import fcntl
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from crm_platform.testing.topics import remove_topics
from crm_runtime import ports, processes
from crm_runtime.announcement import Announcement
from crm_runtime.errors import RuntimeProblem
from crm_runtime.processes import ProcessIdentity
from crm_runtime.testing import DatabaseFactory, FreshDatabase, Migrate
from crm_runtime.testing.kafka.backend import Backend, new_broker, prepare
from crm_runtime.testing.kafka.disposable import DisposableBroker

_START_SECONDS = 180.0
_WORKER_INPUT = "crm_runtime_controller"
_BACKEND = "kafka_backend"
_controller_key = pytest.StashKey[ProcessIdentity]()


class MakeDatabase(Protocol):
    """The type of `make_database`; the arguments are those of `DatabaseFactory.create`."""

    def __call__(self, *packages: str, migrate: Migrate | None = None, cache_key: str | None = None) -> FreshDatabase:
        """Make one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--kafka-backend`."""
    parser.getgroup("crm").addoption(
        "--kafka-backend",
        dest=_BACKEND,
        default=Backend.EMBEDDED.value,
        choices=[backend.value for backend in Backend],
        help="broker of the run: embedded; Apache Kafka from its Java archives; Apache Kafka in a container",
    )


def backend_of(config: pytest.Config) -> Backend:
    """The broker that was chosen for this run."""
    return Backend(config.getoption(_BACKEND))


def pytest_configure(config: pytest.Config) -> None:
    """Remember which process controls the run: this one, or the one that told an xdist worker so."""
    told = getattr(config, "workerinput", {}).get(_WORKER_INPUT)
    identity = ProcessIdentity(*told) if told else ProcessIdentity.of(os.getpid())
    if identity is not None:
        config.stash[_controller_key] = identity


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """xdist: hand the controller's identity to a worker."""
    identity = node.config.stash[_controller_key]  # type: ignore[attr-defined]
    node.workerinput[_WORKER_INPUT] = (identity.pid, identity.began)  # type: ignore[attr-defined]


def pytest_sessionstart(session: pytest.Session) -> None:
    """In the controlling process: see that the chosen broker can be had, before any test's clock runs."""
    if session.config.stash[_controller_key].pid != os.getpid():
        return
    try:
        prepare(backend_of(session.config))
    except RuntimeProblem as problem:
        pytest.exit("\n".join([problem.message, *problem.log_lines]), returncode=3)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need Apache Kafka itself when the run has another broker."""
    if backend_of(config).is_apache_kafka:
        return
    left_out = [item for item in items if item.get_closest_marker("kafka")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_unconfigure(config: pytest.Config) -> None:
    """In the controlling process: stop the host, if a test needed one. Also runs after Ctrl-C."""
    controller = config.stash.get(_controller_key, None)
    if controller is None or controller.pid != os.getpid():
        return
    announced = Announcement.read(_folder(controller))
    if announced is not None:
        asyncio.run(processes.end(announced.host, grace_seconds=15.0))


@pytest.fixture(scope="session")
def running_servers(pytestconfig: pytest.Config) -> Announcement:
    """Addresses of the run's PostgreSQL and broker, which are started if they are not running yet."""
    controller = pytestconfig.stash[_controller_key]
    folder = _folder(controller)
    _make_folder(folder)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        announced = Announcement.read(folder) or _start_host(folder, controller, backend_of(pytestconfig))
    if announced.problem:
        pytest.exit(f"The test servers could not start: {announced.problem}", returncode=3)
    return announced


@pytest.fixture(scope="session")
def pg_admin_url(running_servers: Announcement) -> str:
    """Superuser URL of the run's PostgreSQL 18 (maintenance database)."""
    return running_servers.pg_admin_url


@pytest.fixture(scope="session")
def kafka_bootstrap(running_servers: Announcement) -> str:
    """`host:port` of the run's Kafka broker."""
    return running_servers.kafka_bootstrap


@pytest.fixture(scope="session")
async def disposable_broker(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DisposableBroker]:
    """A broker of this test process alone, to be killed, frozen and robbed; call `renew` before each test."""
    broker = new_broker(backend_of(pytestconfig), tmp_path_factory.mktemp("kafka"))
    try:
        await broker.start()
        yield broker
    finally:
        await broker.remove()


@pytest.fixture(scope="session")
def database_factory(pg_admin_url: str) -> Iterator[DatabaseFactory]:
    """Makes and drops databases; most tests want `make_database`."""
    factory = DatabaseFactory(pg_admin_url)
    yield factory
    factory.close()


@pytest.fixture(scope="session")
def make_shared_database(database_factory: DatabaseFactory) -> MakeDatabase:
    """Like `make_database`, for fixtures of a wider scope: its databases last until the end of the run."""
    return database_factory.create


@pytest.fixture
def make_database(database_factory: DatabaseFactory) -> Iterator[MakeDatabase]:
    """`make_database("customer_svc", migrate=..., cache_key=...)`: a database as if new, for this test alone."""
    made: list[FreshDatabase] = []

    def make(*packages: str, migrate: Migrate | None = None, cache_key: str | None = None) -> FreshDatabase:
        made.append(database_factory.create(*packages, migrate=migrate, cache_key=cache_key))
        return made[-1]

    yield make
    for database in made:
        database_factory.give_back(database)


@pytest.fixture(scope="session")
def topic_prefix() -> str:
    """A text that no other worker and no other run puts before its topic names; most tests want `passing_topics`."""
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{secrets.token_hex(4)}."


@pytest.fixture(scope="module")
async def passing_topics(kafka_bootstrap: str, topic_prefix: str) -> AsyncIterator[str]:
    """A `topic_prefix` of this module alone, with which its topics on the run's broker are removed."""
    prefix = f"{topic_prefix}{secrets.token_hex(3)}."
    yield prefix
    await remove_topics(kafka_bootstrap, prefix)


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    """`free_ports(3)`: three loopback ports that nobody listens on."""
    return ports.free_ports


def _folder(controller: ProcessIdentity) -> Path:
    base = Path(tempfile.gettempdir()) / f"crm-tests-{os.getuid()}"
    return base / f"{controller.pid}-{controller.began.rpartition(':')[2]}"


def _make_folder(folder: Path) -> None:
    # As root, PostgreSQL runs as another user, who must be able to pass through (but not to list).
    mode = 0o711 if os.getuid() == 0 else 0o700
    for place in (folder.parent, folder):
        place.mkdir(mode=mode, exist_ok=True)
        if place.stat().st_uid != os.getuid():
            pytest.exit(f"{place} belongs to another user; remove it or set TMPDIR", returncode=3)
        place.chmod(mode)


def _start_host(folder: Path, controller: ProcessIdentity, backend: Backend) -> Announcement:
    command = [sys.executable, "-m", "crm_runtime.session_host", str(folder), str(controller.pid), controller.began]
    command.append(backend)
    with (folder / "host.log").open("ab") as log:
        host = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
    deadline = time.monotonic() + _START_SECONDS
    while (announced := Announcement.read(folder)) is None:
        if host.poll() is not None or time.monotonic() > deadline:
            words = (folder / "host.log").read_text(encoding="utf-8", errors="replace")
            pytest.exit(f"The test servers could not start:\n{words[-3000:]}", returncode=3)
        time.sleep(processes.POLL_SECONDS)
    # The host outlives this worker on purpose: without this, Python warns of a child that still runs.
    host.returncode = 0
    return announced
