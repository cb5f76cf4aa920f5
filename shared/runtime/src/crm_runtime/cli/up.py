"""`crm up` and `crm down`."""

import asyncio
import os
import pkgutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crm_runtime import processes
from crm_runtime.child import last_lines, log_size
from crm_runtime.cli.extensions import Hook, Ready
from crm_runtime.cli.installation import installation_of
from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console, report, show_lines
from crm_runtime.errors import RuntimeProblem
from crm_runtime.leftovers import stop_leftovers
from crm_runtime.processes import ProcessIdentity
from crm_runtime.run_state import RunState, prepare_data_dir
from crm_runtime.session import run_session
from crm_runtime.system import Options, RunningSystem

_STOP_SECONDS = 120.0
_DETACHED_LOG = "crm.log"


def up(
    context: typer.Context,
    *,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    postgres_url: Annotated[
        str | None, typer.Option(help="Admin URL of your own PostgreSQL 18, instead of the embedded one.")
    ] = None,
    kafka: Annotated[
        str | None, typer.Option(help="host:port of your own Kafka, instead of the embedded broker.")
    ] = None,
    port_offset: Annotated[
        int, typer.Option(min=-8000, max=6000, help="Added to every port, to run beside other programs.")
    ] = 0,
    detach: Annotated[bool, typer.Option("--detach", help="Go on in the background once everything is ready.")] = False,
    story: Annotated[
        bool, typer.Option("--story/--no-story", help="Load the demonstration once everything is ready.")
    ] = True,
    data: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of CSV files to play the story on, instead of an invented company.",
        ),
    ] = None,
) -> None:
    """Start everything, and stay until Ctrl-C."""
    folder = prepare_data_dir(data_dir)
    if detach:
        arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
        _detach(folder, [*installation_of(context).program, *arguments])
        return
    installation = installation_of(context)
    options = Options(
        data_dir=folder,
        topology=installation.topology,
        commands=installation.commands,
        postgres_url=postgres_url,
        kafka=kafka,
        port_offset=port_offset,
        ready_seconds=installation.ready_seconds,
        durable=installation.durable,
    )

    async def run_hooks(system: RunningSystem) -> Sequence[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        for place in installation.after_ready:
            hook: Hook = pkgutil.resolve_name(place)
            lines += await hook(Ready(system=system, console=console, story=story, data=data))
        return lines

    def show(lines: Sequence[tuple[str, str]]) -> None:
        show_lines(lines, title=f"Ready after {time.monotonic() - began:.1f} s. Ctrl-C stops everything.")

    began = time.monotonic()
    asyncio.run(run_session(options, report, after_ready=[run_hooks], show_summary=show))


def down(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Stop everything that runs in the data folder, also what a crash left behind."""
    folder = data_dir.absolute()
    state = RunState.read(folder) if folder.exists() else None
    if state is None:
        report(f"Nothing runs in {folder}.")
        return
    if not state.supervisor.lives():
        asyncio.run(stop_leftovers(folder))
        report("The last run had crashed; what it left running has been stopped.")
        return
    state.supervisor.signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    with console.status("Stopping everything ..."):
        while state.supervisor.lives():
            if time.monotonic() > deadline:
                raise RuntimeProblem(
                    f"The supervisor (pid {state.supervisor.pid}) did not end within {_STOP_SECONDS:.0f} s; "
                    f"its log may be {folder / 'logs' / _DETACHED_LOG}."
                )
            time.sleep(processes.POLL_SECONDS)
    report("Everything has stopped.")


def _detach(folder: Path, command: list[str]) -> None:
    log_file = folder / "logs" / _DETACHED_LOG
    log_file.parent.mkdir(exist_ok=True)
    log_from = log_size(log_file)
    with log_file.open("ab") as log:
        supervisor = subprocess.Popen(  # noqa: S603 - this very program again
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "COLUMNS": "110"},
            start_new_session=True,
        )
    try:
        with console.status("Starting everything ..."):
            lines = _wait_for_summary(folder, supervisor)
    except KeyboardInterrupt:
        supervisor.terminate()
        raise
    if lines is None:
        raise RuntimeProblem(
            f"Starting failed; the log is {log_file}.", log_lines=last_lines(log_file, 30, since=log_from)
        )
    show_lines(lines, title=f"Ready, in the background (pid {supervisor.pid}); crm down stops it.")


def _wait_for_summary(folder: Path, supervisor: subprocess.Popen[bytes]) -> Sequence[tuple[str, str]] | None:
    """The summary of the supervisor once it has one; None when it ended before."""
    identity = ProcessIdentity.of(supervisor.pid)
    while supervisor.poll() is None:
        state = RunState.read(folder)
        if state and state.supervisor == identity and state.summary:
            return state.summary
        time.sleep(processes.POLL_SECONDS)
    return None
