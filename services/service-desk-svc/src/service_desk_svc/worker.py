"""The worker process: relay, consumers, audit sealer, clean-up."""

from crm_platform.worker import Worker
from service_desk_svc.slices import SERVICE


def create_worker() -> Worker:
    """The worker with settings from the environment."""
    return Worker(SERVICE)
