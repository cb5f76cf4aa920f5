"""``python -m crm_runtime.make_migration <package> <message>``: write a revision from the models.

The models are compared with a scratch database that has all revisions so far, so nothing of a running
system is touched; look the result over before committing it.
"""

import argparse
import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path

from crm_platform.db.migrations import make_revision, upgrade
from crm_runtime.bootstrap import Owner, bootstrap, role_url
from crm_runtime.ports import free_ports
from crm_runtime.postgres import EmbeddedPostgres
from crm_runtime.postgres_config import PostgresOptions


async def write_revision(package: str, message: str) -> None:
    """Start a scratch PostgreSQL, bring it up to date, compare, stop it."""
    folder = Path(tempfile.mkdtemp(prefix="crm-migration-"))
    folder.chmod(0o711)  # noqa: ASYNC240 - PostgreSQL may have to run as another user than root
    owner = Owner(package, secrets.token_urlsafe(16))
    (port,) = free_ports(1)
    postgres = EmbeddedPostgres.at(
        folder / "postgres",
        PostgresOptions(port=port, max_connections=20, durable=False),
        admin_password=secrets.token_urlsafe(16),
        log_file=folder / "postgres.log",
    )
    try:
        await postgres.start()
        await bootstrap(postgres.admin_url, [owner])
        url = role_url(postgres.admin_url, owner)
        await asyncio.to_thread(upgrade, package, url)
        await asyncio.to_thread(make_revision, package, url, message)
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", help="such as customer_svc")
    parser.add_argument("message")
    options = parser.parse_args()
    asyncio.run(write_revision(options.package, options.message))


if __name__ == "__main__":
    main()
