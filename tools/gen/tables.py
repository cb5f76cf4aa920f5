"""`tables.md`: every table of every schema, and whether row-level security guards it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import Table, UniqueConstraint

from crm_platform.mechanism import MECHANISM
from tools.gen.artefact import Artefact
from tools.gen.markdown import code, page, table
from tools.gen.system import services

_INTRODUCTION = (
    "Tables by schema. Tables marked as guarded have a `tenant_id` and row-level security, forced also for their "
    "owner: a session sees the rows of its tenant alone. Those marked `all tenants` can be read over all tenants by "
    "the schema's own worker. Columns are listed without the common ones of aggregates "
    "(`tenant_id`, `id`, `version`, `created_at`, `created_by`, `updated_at`, `updated_by`)."
)
_COMMON = {"tenant_id", "id", "version", "created_at", "created_by", "updated_at", "updated_by"}


def make() -> Iterator[Artefact]:
    """The page."""
    parts: list[str] = []
    for one, service in services():
        parts += [f"## {one.package}", _rows(service.metadata.tables.values())]
    parts += ["## In every schema", _rows(MECHANISM.tables.values())]
    yield Artefact(Path("docs/reference/tables.md"), page("Tables", _INTRODUCTION, *parts))


def _rows(tables: Iterable[Table]) -> str:
    found = sorted(tables, key=lambda one: one.name)
    rows = [(code(one.name), guard(one), _columns(one), _unique(one), _refers_to(one)) for one in found]
    return table(["Table", "Guarded", "Columns", "Unique", "Refers to"], rows)


def guard(one: Table) -> str:
    """How row-level security guards a table."""
    if not one.info.get("tenant"):
        return "no"
    return "yes, all tenants" if one.info.get("across_tenants") else "yes"


def _columns(one: Table) -> str:
    aggregate = set(one.columns.keys()) >= _COMMON
    names = [column.name for column in one.columns if not (aggregate and column.name in _COMMON)]
    return ", ".join(code(name) for name in names)


def _unique(one: Table) -> str:
    keys = [[column.name for column in one.primary_key.columns]]
    keys += [
        [column.name for column in constraint.columns]
        for constraint in one.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    keys += [[column.name for column in index.columns] for index in one.indexes if index.unique]
    return "; ".join(sorted({", ".join(key) for key in keys if key}))


def _refers_to(one: Table) -> str:
    return ", ".join(sorted({constraint.referred_table.name for constraint in one.foreign_key_constraints}))
