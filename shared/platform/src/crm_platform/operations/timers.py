"""Timers: a kind that runs by itself at some moment, for one company, once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from crm_platform.operations.begin import TURN, about
from crm_platform.operations.kinds import I, OperationKind
from crm_platform.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Timer(Generic[I]):
    """When a kind runs.

    Attributes:
        key: What makes it this timer within its kind, such as the id of a record.
        at: The moment; a worker begins within a second or two of it, and never before.
        input: Goes to its steps.
    """

    key: str
    at: datetime
    input: I


async def set_timers(unit: UnitOfWork, kind: OperationKind[I], timers: Sequence[Timer[I]]) -> None:
    """Set timers when ``unit`` commits; one that is set already, or has run, is set anew and forgets what it did.

    One that is running just now is begun again at its new time, unless its last step commits first: what it had not
    committed does not take effect. This waits for a step that has recorded results of single records.
    """
    await unit.connection.execute(TURN)
    await drop_timers(unit, kind, [timer.key for timer in timers])
    rows = [[*about(unit, kind, timer.input), timer.key, timer.at] for timer in timers]
    await unit.connection.executemany(_SET, rows)


async def drop_timers(unit: UnitOfWork, kind: OperationKind[I], keys: Collection[str]) -> None:
    """Forget timers when ``unit`` commits, whether they have run or not; one that is running takes no effect."""
    await unit.connection.execute(_DROP, kind.name, list(keys))


# The conflict is with a transaction that has set the same timer meanwhile, so that nothing was done for it yet.
_SET = """
INSERT INTO operations (
  id, kind, cancellable, input, caller, cause, requested_by, correlation_id, unit, key, status, due_at, internal
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', $11, true)
ON CONFLICT (tenant_id, kind, key) WHERE key IS NOT NULL DO UPDATE SET
  version = operations.version + 1, input = excluded.input, caller = excluded.caller, cause = excluded.cause,
  requested_by = excluded.requested_by, correlation_id = excluded.correlation_id, due_at = excluded.due_at
"""
_DROP = """
DELETE FROM operations WHERE tenant_id = current_setting('crm.tenant_id')::uuid AND kind = $1 AND key = ANY ($2)
  AND internal
"""
