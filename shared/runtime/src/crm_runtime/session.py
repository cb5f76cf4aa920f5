"""One supervised session: from the first process to the last, until somebody asks for the end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from crm_runtime.run_state import only_supervisor, prepare_data_dir
from crm_runtime.supervisor import Report
from crm_runtime.system import Options, RunningSystem, System

Result = TypeVar("Result")

AfterReady = Callable[[RunningSystem], Awaitable[Sequence[tuple[str, str]]]]
"""Runs once everything is ready; returns lines for the summary, such as ("Sign-in", "...")."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAskedError(Exception):
    """Somebody asked for the end while something else was going on."""


class StopRequest:
    """Turns the first SIGINT, SIGTERM or SIGHUP into a request to end, and later ones into calls of `impatient`.

    Use it as a context manager: at its end the signals have their usual meaning again.
    """

    def __init__(self, impatient: Callable[[], None]) -> None:
        self._asked = asyncio.Event()
        self._impatient = impatient

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)

    def _on_signal(self) -> None:
        if self._asked.is_set():
            self._impatient()
        self._asked.set()

    async def wait(self) -> None:
        """Return when the end was asked for."""
        await self._asked.wait()

    async def unless_asked(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do the work; when the end is asked for first, cancel it and raise `StopAskedError`."""
        doing = asyncio.create_task(work)
        waiting = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise StopAskedError
            return doing.result()
        finally:
            for task in (doing, waiting):
                task.cancel()
            await asyncio.gather(doing, waiting, return_exceptions=True)


async def run_session(
    options: Options,
    report: Report,
    *,
    after_ready: Sequence[AfterReady] = (),
    show_summary: Callable[[Sequence[tuple[str, str]]], None],
) -> None:
    """Bring the system up, run the hooks, show the summary, stay until asked, and take everything down."""
    prepare_data_dir(options.data_dir)
    with only_supervisor(options.data_dir):
        system = System(options, report)
        with StopRequest(impatient=system.kill) as request:
            try:
                running = await request.unless_asked(system.start())
                lines = list(summary_of(running))
                for hook in after_ready:
                    lines += await request.unless_asked(_run_hook(hook, running))
                system.summarise(lines)
                show_summary(lines)
                await request.wait()
            except StopAskedError:
                pass
            finally:
                report("Stopping.")
                await system.stop()


async def _run_hook(hook: AfterReady, running: RunningSystem) -> Sequence[tuple[str, str]]:
    return await hook(running)


def summary_of(running: RunningSystem) -> Sequence[tuple[str, str]]:
    """The addresses that a person needs first."""
    return (
        ("Gateway", running.gateway_url),
        ("API documentation", f"{running.gateway_url}/docs"),
        ("Event catalogue", f"{running.gateway_url}/events"),
        ("Data", str(running.data_dir)),
    )
