"""The worker process: relay, consumers, audit sealer, clean-up."""

from analytics_svc.slices import SERVICE
from crm_platform.worker import Worker


def create_worker() -> Worker:
    """The worker with settings from the environment."""
    return Worker(SERVICE)
