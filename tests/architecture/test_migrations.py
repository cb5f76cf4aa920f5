import re
import subprocess
from pathlib import Path

import pytest

from tools.layout import ROOT, Distribution, deployables
from tools.migrations import revisions

SQUAWK = [
    str(ROOT / ".venv/bin/squawk"),
    "--config",
    str(ROOT / ".squawk.toml"),
    "--pg-version",
    "18.0",
    "--reporter",
    "gcc",
]
LIMITS = "SET lock_timeout = '5s';\nSET statement_timeout = '60s';\n"


def rules_broken(folder: Path, sql: str) -> str:
    (folder / "planted.sql").write_text(LIMITS + sql, encoding="utf-8")
    return subprocess.run([*SQUAWK, "planted.sql"], cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE customers ADD COLUMN grade text NOT NULL;", "adding-required-field"),
        ("ALTER TABLE customers RENAME COLUMN name TO title;", "renaming-column"),
        ("ALTER TABLE customers DROP COLUMN name;", "ban-drop-column"),
        ("CREATE INDEX ix ON customers (name);", "require-concurrent-index-creation"),
        ("ALTER TABLE customers ALTER COLUMN name TYPE varchar(10);", "changing-column-type"),
    ],
)
def test_sql_that_stops_the_running_version_is_refused(tmp_path: Path, sql: str, rule: str) -> None:
    assert rule in rules_broken(tmp_path, sql)


def test_sql_that_only_adds_passes(tmp_path: Path) -> None:
    assert "warning" not in rules_broken(tmp_path, "ALTER TABLE customers ADD COLUMN IF NOT EXISTS grade text;")


@pytest.mark.parametrize("one", deployables(), ids=lambda one: one.name)
def test_every_table_with_a_tenant_is_under_row_level_security(one: Distribution) -> None:
    sql = "".join(text for _, text in revisions(one))
    tables = re.findall(r"^CREATE TABLE (\w+) \((.*?)^\);", sql, flags=re.MULTILINE | re.DOTALL)
    of_tenants = {
        name for name, columns in tables if re.search(r"^\s*tenant_id UUID .*NOT NULL", columns, flags=re.MULTILINE)
    }
    guarded = set(re.findall(r"ALTER TABLE (\w+) FORCE ROW LEVEL SECURITY", sql))
    assert of_tenants - guarded == set()
    assert {"outbox", "audit_entries", "idempotency"} <= guarded
