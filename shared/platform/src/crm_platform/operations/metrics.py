"""What operations tell Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from crm_platform.operations.queue import Figures


class OperationMetrics:
    """Figures of the queue, which every worker of a service shows alike, and of this worker's steps."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting = Gauge("crm_operations_queued", "Operations that a worker could take up now.", registry=registry)
        self.running = Gauge("crm_operations_running", "Operations that a worker is at.", registry=registry)
        self.oldest = Gauge(
            "crm_operations_oldest_seconds",
            "How long the operation that has waited longest for a worker has waited.",
            registry=registry,
        )
        self.finished = Counter(
            "crm_operations_finished", "Operations that ended here.", ["kind", "status"], registry=registry
        )
        self.retries = Counter("crm_operations_retries", "Steps put off after a failure.", ["kind"], registry=registry)
        self.fenced = Counter(
            "crm_operations_fenced", "Claims that had been lost when they were to be used.", registry=registry
        )
        self.step_seconds = Histogram(
            "crm_operations_step_seconds",
            "Time to do and commit a step.",
            ["kind"],
            buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
            registry=registry,
        )

    def observe(self, figures: Figures) -> None:
        """Show the figures of the queue."""
        self.waiting.set(figures.waiting)
        self.running.set(figures.running)
        self.oldest.set(figures.oldest_seconds)
