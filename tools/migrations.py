"""``python -m tools.migrations``: have squawk look at the SQL of every migration.

Each revision is rendered by alembic without a database, as the environment would run it: in a transaction of its own,
with a limit on how long it waits for locks.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from crm_platform.db.migrations import LOCK_TIMEOUT, migrations_config
from tools.layout import ROOT, Distribution, deployables

_SQUAWK = ROOT / ".venv" / "bin" / "squawk"
_POSTGRES = "18.0"
_LEAVES, _RETURNS = "COMMIT;", "BEGIN;"
"""How alembic spells an `autocommit_block`."""

OUTSIDE = "-outside"
_NO_DATABASE = "postgresql://nobody@localhost/none"


def revisions(one: Distribution) -> Iterator[tuple[Path, str]]:
    """Every revision of a deployable as a file name, such as `customer_svc-0001.sql`, and its SQL.

    What has to be outside of a transaction, such as an index that is made while its table is in use, is a revision of
    its own; its name ends in `-outside.sql`.
    """
    script = ScriptDirectory.from_config(migrations_config(one.package, _NO_DATABASE))
    for revision in reversed(list(script.walk_revisions())):
        text = io.StringIO()
        context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": text})
        with Operations.context(context):
            revision.module.upgrade()
        settings = f"SET lock_timeout = '{LOCK_TIMEOUT}';\nSET statement_timeout = '60s';\n"
        sql, outside = text.getvalue().strip(), ""
        if sql.startswith(_LEAVES) and sql.endswith(_RETURNS):
            sql, outside = sql.removeprefix(_LEAVES).removesuffix(_RETURNS), OUTSIDE
        yield Path(f"{one.package}-{revision.revision}{outside}.sql"), settings + sql


def main() -> int:
    """Entry point; prints squawk's findings."""
    with tempfile.TemporaryDirectory(prefix="crm-migrations-") as folder:
        files = []
        for one in deployables():
            if (ROOT / one.sources / one.package / "migrations").is_dir():
                for name, sql in revisions(one):
                    (Path(folder) / name).write_text(sql, encoding="utf-8")
                    files.append(str(name))
        outside = [name for name in files if name.endswith(f"{OUTSIDE}.sql")]
        inside = [name for name in files if name not in outside]
        codes = [_judged(folder, inside), _judged(folder, outside, "--no-assume-in-transaction")]
        return max(codes)


def _judged(folder: str, files: list[str], *options: str) -> int:
    """What squawk says about ``files``."""
    command = [str(_SQUAWK), "--config", str(ROOT / ".squawk.toml"), "--reporter", "gcc", "--pg-version", _POSTGRES]
    return subprocess.run([*command, *options, *files], cwd=folder, check=False).returncode if files else 0


if __name__ == "__main__":
    sys.exit(main())
