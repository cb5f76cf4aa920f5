"""How relay and consumer work: times, sizes, and the switches that control tests turn off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RelaySettings:
    """How the relay works. Times are seconds."""

    batch_rows: int = 500
    poll: float = 1.0
    """Longest time between two looks at the outbox, should a wake-up get lost."""
    standby_poll: float = 0.5
    tasks_poll: float = 1.0
    """Time between two looks for requested replays."""
    check: float = 2.0
    """Time between two comparisons of the logs' ends with what was acknowledged."""
    inspect: float = 30.0
    """Time between two comparisons of the last events too."""
    lease: float = 6.0
    """A leader that does nothing for this long loses the lead."""
    backoff: float = 3.0
    """Longest wait before everything is built anew after an error."""
    heal: bool = True
    """Look for log loss and repair it. Off only for tests that show what happens without."""
    fence: bool = True
    """Lead only with the lock. Off only for tests that show what happens without."""


@dataclass(frozen=True, kw_only=True)
class ConsumerSettings:
    """How the consumer works. Times are seconds."""

    batch_records: int = 500
    fetch_wait: float = 0.3
    """Longest wait for records before leases and health are looked at again."""
    lease: float = 6.0
    """A process that is silent for this long loses its partitions, and its open transaction."""
    heartbeat: float = 1.5
    watchdog: float = 4.0
    """Time without records after which the broker is asked whether there are any."""
    stuck: float = 60.0
    """Time after which a single partition that does not move counts as stuck."""
    tries: int = 3
    """Attempts at an event before it becomes a dead letter."""
    retry_delay: float = 0.1
    batch_retries: int = 6
    """Attempts at a batch that fails for reasons that should pass, before its events are tried one by one."""
    batch_timeout: float = 60.0
    backoff: float = 3.0
    """Longest wait before everything is built anew after an error."""
    fence: bool = True
    """Compare positions and versions. Off only for tests that show what happens without."""
