"""Stops what a crashed supervisor left running, as its state file names it."""

import asyncio
from itertools import groupby
from pathlib import Path

from crm_runtime import processes
from crm_runtime.broker import stop_orphan
from crm_runtime.errors import RuntimeProblem
from crm_runtime.postgres import clear_stale_lock
from crm_runtime.run_state import ProcessRecord, RunState

_GRACE_SECONDS = 15.0


async def stop_leftovers(data_dir: Path) -> bool:
    """Stop the processes of a run whose supervisor is gone; True when there was such a run.

    Only processes that still are the very ones that were recorded get a signal.
    """
    try:
        state = RunState.read(data_dir)
    except RuntimeProblem:
        # An unreadable record names nobody; the two servers are found by their own folders all the same.
        state = None
    for _, stage in groupby(_in_order(state), key=lambda record: record.stage):
        await asyncio.gather(
            *(
                processes.end(record.identity, gentle=record.stop_signal, grace_seconds=_GRACE_SECONDS)
                for record in stage
            )
        )
    await stop_orphan(data_dir / "broker")
    await clear_stale_lock(data_dir / "postgres")
    RunState.remove(data_dir)
    return state is not None


def _in_order(state: RunState | None) -> list[ProcessRecord]:
    return sorted(state.processes, key=lambda record: record.stage) if state else []
