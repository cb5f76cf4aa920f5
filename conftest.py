"""Fixtures for all tests: the embedded parts come from crm_runtime's own plugin."""

pytest_plugins = ["crm_platform.testing.plugin", "crm_platform.testing.events"]
