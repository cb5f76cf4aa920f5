"""`crm status`: the processes of the running system."""

import asyncio
from datetime import timedelta

import psutil
import typer
from rich.table import Table

from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console
from crm_runtime.errors import RuntimeProblem
from crm_runtime.http_probe import http_status
from crm_runtime.ports import accepts_connections
from crm_runtime.program import READY_STATUS
from crm_runtime.run_state import ProcessRecord, RunState, uptime_seconds

NOT_READY_EXIT_CODE = 3


def status(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Show each process: id, port, readiness, uptime, memory. Exit code 3 when one is not ready."""
    state = RunState.read(data_dir)
    if state is None:
        raise RuntimeProblem(f"Nothing runs in {data_dir}; start it with: crm up")
    answers = asyncio.run(_ask_all(state))
    table = Table()
    for name in ("process", "pid", "port", "ready", "uptime", "memory", "restarts"):
        table.add_column(name, justify="left" if name in {"process", "ready"} else "right")
    for record, answer in zip(state.processes, answers, strict=True):
        table.add_row(*_cells(record, answer))
    console.print(table)
    if not state.supervisor.lives():
        raise RuntimeProblem("The supervisor has crashed; crm up starts everything again, crm down cleans up.")
    if not all(answers):
        raise typer.Exit(NOT_READY_EXIT_CODE)


async def _ask_all(state: RunState) -> list[bool]:
    return list(await asyncio.gather(*(_is_ready(record) for record in state.processes)))


async def _is_ready(record: ProcessRecord) -> bool:
    if not record.identity.lives():
        return False
    if not record.port:
        return True
    if not record.health_path:
        return accepts_connections(record.port)
    return await http_status(record.port, record.health_path) == READY_STATUS


def _cells(record: ProcessRecord, ready: bool) -> list[str]:
    if not record.identity.lives():
        return [
            record.name,
            str(record.identity.pid),
            str(record.port or ""),
            "[red]gone[/red]",
            "",
            "",
            str(record.restarts),
        ]
    uptime = timedelta(seconds=int(uptime_seconds(record.started)))
    return [
        record.name,
        str(record.identity.pid),
        str(record.port or ""),
        "[green]yes[/green]" if ready else "[red]no[/red]",
        str(uptime),
        f"{_memory_bytes(record.identity.pid) / 1024**2:.0f} MB",
        str(record.restarts),
    ]


def _memory_bytes(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
