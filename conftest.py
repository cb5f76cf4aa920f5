"""Fixtures for all tests: the embedded parts come from crm_runtime's own plugin."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["crm_platform.testing.plugin", "crm_platform.testing.events"]

# How fast a shared machine draws examples says nothing about the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
