"""What the event engine tells Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class EventMetrics:
    """Gauges and counters of one process's relay and consumers."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Register in `registry`; without one the figures are kept but not exposed."""
        target = registry if registry is not None else CollectorRegistry()
        self._relay(target)
        self._consumer(target)

    def _relay(self, registry: CollectorRegistry) -> None:
        self.relay_leader = Gauge(
            "crm_relay_leader", "1 while this process publishes its service's events.", registry=registry
        )
        self.relay_lag_rows = Gauge(
            "crm_relay_lag_rows",
            "Events recorded but not published (counted up to 10 000).",
            registry=registry,
        )
        self.relay_lag_seconds = Gauge(
            "crm_relay_lag_seconds", "Age of the oldest event not published.", registry=registry
        )
        self.relay_stuck_rows = Gauge(
            "crm_relay_stuck_rows",
            "Events that cannot be published: unknown topic, or too large.",
            registry=registry,
        )
        self.published = Counter(
            "crm_relay_published", "Events acknowledged by the broker.", ["topic"], registry=registry
        )
        self.relay_failures = Counter(
            "crm_relay_failures", "Publishing sessions that ended in an error.", registry=registry
        )
        self.heals = Counter("crm_relay_heals", "Truncated partitions that were healed.", ["topic"], registry=registry)
        self.healed_rows = Counter(
            "crm_relay_healed_rows",
            "Events published again because the broker lost them.",
            ["topic"],
            registry=registry,
        )
        self.foreign_logs = Counter(
            "crm_relay_foreign_logs",
            "Partitions found to end in events that this database does not know: it may have been restored.",
            ["topic"],
            registry=registry,
        )
        self.epoch = Gauge(
            "crm_relay_epoch",
            "Epoch of the partition's log; grows with each truncation.",
            ["topic", "partition"],
            registry=registry,
        )
        self.replayed = Counter("crm_relay_replayed", "Events published again on request.", ["kind"], registry=registry)

    def _consumer(self, registry: CollectorRegistry) -> None:
        self.consumer_lag = Gauge(
            "crm_consumer_lag", "Records not yet handled.", ["topic", "partition"], registry=registry
        )
        self.partitions = Gauge("crm_consumer_partitions", "Partitions that this process holds.", registry=registry)
        self.handled = Counter(
            "crm_consumer_handled", "Events whose effects were committed.", ["topic"], registry=registry
        )
        self.skipped = Counter(
            "crm_consumer_skipped",
            "Records without effect: `duplicate`, `gap`, `parked`.",
            ["why"],
            registry=registry,
        )
        self.unknown_types = Counter(
            "crm_consumer_unknown_types",
            "Events of a type that has no handler here.",
            ["topic"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "crm_consumer_dead_letters",
            "Records put aside: `malformed`, `failed`, `parked`.",
            ["kind"],
            registry=registry,
        )
        self.dead_letters_pending = Gauge(
            "crm_dead_letters_pending", "Records put aside and not settled.", registry=registry
        )
        self.gaps = Gauge("crm_consumer_gaps", "Aggregates of which a version is missing.", registry=registry)
        self.rewinds = Counter("crm_consumer_rewinds", "Jumps back after a truncation.", ["topic"], registry=registry)
        self.consumer_failures = Counter(
            "crm_consumer_failures", "Consumer sessions that ended in an error.", registry=registry
        )
        self.retries = Counter("crm_consumer_retries", "Batches tried again.", registry=registry)
        self.batch_seconds = Histogram(
            "crm_consumer_batch_seconds",
            "Time to handle and commit a batch.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
            registry=registry,
        )
