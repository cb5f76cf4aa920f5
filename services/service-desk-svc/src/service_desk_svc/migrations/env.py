"""Alembic environment; everything is in the platform."""

from crm_platform.db.migrations import run_environment

run_environment("service_desk_svc")
