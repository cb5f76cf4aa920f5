"""The process that holds the PostgreSQL and the broker of one pytest run.

Whichever test process first needs them starts it, for the whole run: all xdist workers share it. It ends when it
is told to, or by itself when the run's controlling process is gone, however that process went.

    python -m crm_runtime.session_host FOLDER CONTROLLER_PID CONTROLLER_BEGAN KAFKA_BACKEND
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from crm_runtime.announcement import Announcement, write_whole
from crm_runtime.broker import stop_orphan
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres, clear_stale_lock
from crm_runtime.postgres_config import PostgresOptions
from crm_runtime.processes import ProcessIdentity
from crm_runtime.testing.kafka.backend import Backend, new_broker

RUN_OWNER = "owner.json"
_WATCH_SECONDS = 0.25
_POSTGRES = "postgres"
_BROKER = "broker"


async def hold(folder: Path, controller: ProcessIdentity, backend: Backend) -> None:
    """Start both servers, announce them, wait for the end of the run, stop them and remove the folder."""
    myself = ProcessIdentity.of(os.getpid())
    if myself is None:
        raise RuntimeError("this process cannot see itself")
    write_whole(folder / RUN_OWNER, json.dumps([asdict(controller), asdict(myself)]))
    await sweep(folder.parent)
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    postgres, broker = _postgres(folder), new_broker(backend, folder)
    try:
        await asyncio.gather(postgres.start(), broker.start())
        Announcement(host=myself, pg_admin_url=postgres.admin_url, kafka_bootstrap=broker.bootstrap).write(folder)
        while controller.lives() and not told.is_set():
            await _first_of(told, _WATCH_SECONDS)
    except RuntimeProblem as problem:
        words = "\n".join([problem.message, *problem.log_lines])
        Announcement(host=myself, problem=words).write(folder)
        while controller.lives() and not told.is_set():
            await _first_of(told, _WATCH_SECONDS)
    finally:
        # Nothing of it is wanted any more, so the quick ways down will do.
        await asyncio.gather(postgres.stop(), broker.remove())
        shutil.rmtree(folder, ignore_errors=True)


def _postgres(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres.at(
        folder / _POSTGRES,
        PostgresOptions(port=free_ports(1)[0], max_connections=600, durable=False),
        admin_password=secrets.token_urlsafe(16),
        log_file=folder / "postgres.log",
    )


async def _first_of(told: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(told.wait(), seconds)
    except TimeoutError:
        return


async def sweep(base: Path) -> None:
    """Remove what killed runs left: folders whose controller and host are both gone."""
    for folder in list(base.iterdir()):  # noqa: ASYNC240 - nothing else goes on in this process yet
        try:
            owners = json.loads((folder / RUN_OWNER).read_text(encoding="utf-8"))
            alive = any(ProcessIdentity(**owner).lives() for owner in owners)
        except (OSError, ValueError, TypeError):
            # A folder that is being made just now has no note yet.
            continue
        if not alive:
            await clear_stale_lock(folder / _POSTGRES)
            await stop_orphan(folder / _BROKER)
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Entry point of the process."""
    folder, pid, began, backend = sys.argv[1:]
    asyncio.run(hold(Path(folder), ProcessIdentity(int(pid), began), Backend(backend)))


if __name__ == "__main__":
    main()
