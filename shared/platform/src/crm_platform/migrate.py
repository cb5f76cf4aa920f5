"""``python -m crm_platform.migrate <package>``: bring a service's schema up to date, or write a revision."""

import argparse
import asyncio
import os
import sys

from crm_platform.db.migrations import await_upgrade, make_revision, upgrade


def main() -> None:
    """Run the migrations of one service with the role and address in ``CRM_DB__URL``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("package", help="import name of the service, such as customer_svc")
    parser.add_argument("--revision", default="head", help="stop at this revision")
    parser.add_argument("--make", metavar="MESSAGE", help="write a new revision instead")
    parser.add_argument(
        "--await",
        dest="patience",
        type=float,
        metavar="SECONDS",
        help="only wait until another process has migrated, as a container does before it serves",
    )
    options = parser.parse_args()
    url = os.environ["CRM_DB__URL"]
    if options.make:
        make_revision(options.package, url, options.make)
    elif options.patience is not None:
        if not asyncio.run(await_upgrade(options.package, url, options.patience)):
            sys.exit(f"migrate: nobody has migrated {options.package} within {options.patience:.0f} s.")
    else:
        upgrade(options.package, url, options.revision)


if __name__ == "__main__":
    main()
