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
_NO_DATABASE = "postgresql://nobody@localhost/none"


def revisions(one: Distribution) -> Iterator[tuple[Path, str]]:
    """Every revision of a deployable as a file name, such as `customer_svc-0001.sql`, and its SQL."""
    script = ScriptDirectory.from_config(migrations_config(one.package, _NO_DATABASE))
    for revision in reversed(list(script.walk_revisions())):
        text = io.StringIO()
        context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": text})
        with Operations.context(context):
            revision.module.upgrade()
        settings = f"SET lock_timeout = '{LOCK_TIMEOUT}';\nSET statement_timeout = '60s';\n"
        yield Path(f"{one.package}-{revision.revision}.sql"), settings + text.getvalue()


def main() -> int:
    """Entry point; prints squawk's findings."""
    with tempfile.TemporaryDirectory(prefix="crm-migrations-") as folder:
        files = []
        for one in deployables():
            if (ROOT / one.sources / one.package / "migrations").is_dir():
                for name, sql in revisions(one):
                    (Path(folder) / name).write_text(sql, encoding="utf-8")
                    files.append(str(name))
        command = [
            str(_SQUAWK),
            "--config",
            str(ROOT / ".squawk.toml"),
            "--reporter",
            "gcc",
            "--pg-version",
            _POSTGRES,
            *files,
        ]
        return subprocess.run(command, cwd=folder, check=False).returncode if files else 0


if __name__ == "__main__":
    sys.exit(main())
