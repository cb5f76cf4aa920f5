"""``python -m crm_platform.work <module>:<factory>``: run a worker process."""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator
from importlib import import_module

import structlog
import uvicorn
from starlette.applications import Starlette

from crm_platform.events.crashpoints import arm_from_environment
from crm_platform.events.supervise import describe_tasks
from crm_platform.health import health_routes
from crm_platform.loops import loop_factory
from crm_platform.observability.logs import configure_logs
from crm_platform.operator import operator_routes
from crm_platform.settling import compute_on_one_core, put_off_garbage, settle_in
from crm_platform.worker import Worker

STOP_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the process stops its parts in order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_worker(worker: Worker) -> None:
    """Run ``worker`` with its health, metrics and operator endpoints until SIGTERM or SIGINT.

    SIGUSR1 makes it write its tasks to the log.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGUSR1, _show_tasks)
    settings = worker.settings
    routes = [*health_routes(worker.check, worker.registry), *operator_routes(worker)]
    server = _Server(
        uvicorn.Config(
            Starlette(routes=routes),
            host=settings.http.host,
            port=settings.http.port,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.create_task(server.serve(), name="http")
    working = asyncio.create_task(worker.run(stop), name="worker")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    server.should_exit = True
    _, late = await asyncio.wait({serving, working}, timeout=STOP_SECONDS)
    for task in late:
        _log.error("worker_part_did_not_stop", part=task.get_name())
        task.cancel()
    for task in (serving, working):
        if task.done() and not task.cancelled():
            task.result()


def _show_tasks() -> None:
    """Write down where every task waits, for whoever finds the worker stuck."""
    _log.warning("worker_tasks", tasks=describe_tasks())


def main() -> None:
    """Run one worker process until SIGTERM."""
    arm_from_environment()
    compute_on_one_core()
    put_off_garbage()
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("factory", help="such as customer_svc.worker:create_worker")
    module, _, name = parser.parse_args().factory.partition(":")
    worker: Worker = getattr(import_module(module), name)()
    configure_logs(worker.settings.log, f"{worker.settings.service}-worker")
    settle_in()
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(run_worker(worker))


if __name__ == "__main__":
    main()
