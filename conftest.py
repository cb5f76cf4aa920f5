"""Fixtures for all tests: the embedded parts come from crm_runtime's own plugin."""

import gc

from hypothesis import HealthCheck, settings

pytest_plugins = ["crm_platform.testing.plugin", "crm_platform.testing.events"]

# How fast a shared machine draws examples says nothing about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what stays: modules, models and the tests themselves."""
    gc.collect()
    gc.freeze()
