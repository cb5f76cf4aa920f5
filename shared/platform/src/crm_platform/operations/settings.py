"""How a worker runs operations: sizes and times."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class RunnerSettings:
    """How a worker runs operations. Times are seconds, where they are not periods."""

    parallel: int = 3
    """Operations under way at the same time in one process."""
    per_tenant: int = 2
    """Operations of one company under way at the same time, at all processes."""
    processes: int = 1
    """Processes for computation, at most."""
    lease: float = 15.0
    """A worker that is silent for this long loses its operations to others."""
    turn: float = 5.0
    """Time after which an operation gives way to others that wait."""
    poll: float = 2.0
    """Longest time between two looks at the queue, should a wake-up get lost."""
    grace: float = 5.0
    """Time that steps get to come to their end when the worker has to stop."""
    first_retry: float = 1.0
    longest_retry: float = 60.0
    faults: int = 3
    """Attempts at a step that fails for reasons that hardly pass by themselves."""
    deaths: int = 5
    """Processes that may end over one step before the operation counts as failed."""
    observe: float = 5.0
    """Time between two looks at the figures of the queue."""
    kept: timedelta = timedelta(days=30)
    """How long operations can be looked at after their end."""
