"""Alembic environment; everything is in the platform."""

from crm_platform.db.migrations import run_environment

run_environment("analytics_svc")
