"""What tests need of the runtime: fresh databases, and brokers that may be killed."""

from crm_runtime.testing.databases import DatabaseFactory, FreshDatabase, Migrate

__all__ = ["DatabaseFactory", "FreshDatabase", "Migrate"]
