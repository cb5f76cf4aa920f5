"""The tables that every service's schema has beside its own."""

from sqlalchemy import Table

from crm_platform.audit.tables import audit_table
from crm_platform.db.schema import new_metadata
from crm_platform.events.tables import TENANT_TABLES, metadata_tables
from crm_platform.idempotency import idempotency_table
from crm_platform.operations.tables import operations_table, results_table, sweeps_table, turns_table

MECHANISM = new_metadata()

_events = metadata_tables(MECHANISM)
for _name in TENANT_TABLES:
    _events[_name].info.update(tenant=True, across_tenants=True)

OUTBOX: Table = _events["outbox"]
AUDIT_ENTRIES: Table = audit_table(MECHANISM)
IDEMPOTENCY: Table = idempotency_table(MECHANISM)
OPERATIONS: Table = operations_table(MECHANISM)
OPERATION_RESULTS: Table = results_table(MECHANISM)
OPERATION_TURNS: Table = turns_table(MECHANISM)
OPERATION_SWEEPS: Table = sweeps_table(MECHANISM)

OUTBOX_CONTENT = (
    "event_id",
    "aggregate_type",
    "aggregate_id",
    "version",
    "type",
    "topic",
    "occurred_at",
    "headers",
    "payload",
)
"""What whoever records an event says about it."""
