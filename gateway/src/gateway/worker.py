"""The worker process: relay, audit sealer, clean-up, key rotation."""

from crm_platform.worker import Worker
from gateway.maintenance import ROTATE_KEYS, SHOW_KEYS, maintenance
from gateway.settings import GatewaySettings
from gateway.slices import SERVICE


def create_worker(settings: GatewaySettings | None = None) -> Worker:
    """The worker; settings come from the environment unless given."""
    settings = settings or GatewaySettings()
    return Worker(SERVICE, settings, jobs=(maintenance(settings),), commands=(SHOW_KEYS, ROTATE_KEYS))
