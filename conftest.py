"""Fixtures for all tests: the embedded parts come from crm_runtime's own plugin."""

from hypothesis import HealthCheck, settings

from crm_platform.settling import leave_alone, put_off_garbage

pytest_plugins = ["crm_platform.testing.plugin", "crm_platform.testing.events", "crm_platform.testing.warm"]

# How fast a shared machine draws examples says nothing about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

put_off_garbage()


def pytest_collection_finish() -> None:
    """Let the collector of garbage leave alone what stays: modules, models and the tests themselves."""
    leave_alone()
