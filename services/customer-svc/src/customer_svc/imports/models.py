"""Tables of the imports."""

from sqlalchemy import ARRAY, BigInteger, Column, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.imports.v1 import ImportSnapshot, ImportStatus
from crm_platform.db.schema import aggregate_table, one_of, tenant_table
from crm_platform.store import Aggregate
from customer_svc.imports.domain import NOUN, Import
from customer_svc.metadata import METADATA

imports: Table = aggregate_table(
    "imports",
    METADATA,
    Column("file_name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("format", Text),
    Column("size", BigInteger),
    Column("sha256", Text),
    Column("details", JSONB, nullable=False),
    Column("columns", JSONB, nullable=False),
    Column("mapping", JSONB),
    Column("check_id", Uuid),
    Column("run_ids", ARRAY(Uuid), nullable=False),
    Column("undo_id", Uuid),
    Column("counters", JSONB, nullable=False),
    one_of("status", [status.value for status in ImportStatus]),
    owned=True,
)

import_row_keys: Table = tenant_table(
    "import_row_keys",
    METADATA,
    Column("operation_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "operation_id", "kind", "key"),
)
"""By which keys the rows of a file are known, while an operation goes through it; blind, as they can be personal."""

IMPORTS = Aggregate(
    name="import",
    plural="imports",
    what=NOUN,
    table=imports,
    state=Import,
    snapshot=ImportSnapshot,
    sort_by={"status": imports.c.status},
)
