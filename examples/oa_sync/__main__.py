"""``python -m oa_sync``: run the OA side, or do something in it."""

import argparse
import asyncio
import json
import logging
import signal
from pathlib import Path

from bridge import Pump
from oa_sync.office import Office

TOPICS = ("crm.project.v1",)


async def run(office: Office, options: argparse.Namespace) -> None:
    """Carry events in and messages out until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pump = Pump(
        office,
        system="oa",
        tenant=options.tenant,
        bootstrap=options.kafka,
        topics=TOPICS,
        handle=office.take_in,
        prefix=options.topic_prefix,
    )
    await pump.run(stop)


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(prog="oa_sync", description=__doc__)
    parser.add_argument("--book", type=Path, default=Path("oa.sqlite3"))
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="take part in the CRM's events")
    running.add_argument("--tenant", required=True)
    running.add_argument("--kafka", default="127.0.0.1:29092")
    running.add_argument("--topic-prefix", default="")
    running.add_argument("--approver", help="approve every request at once in this name")
    decide = commands.add_parser("decide", help="approve or refuse a project")
    decide.add_argument("subject", help="the project's id in the CRM")
    decide.add_argument("decision", choices=("approved", "refused"))
    decide.add_argument("--by", required=True)
    meet = commands.add_parser("meet", help="put a meeting on record")
    meet.add_argument("customer", help="the customer's id in the CRM")
    meet.add_argument("subject")
    commands.add_parser("list", help="show the approvals that wait")
    options = parser.parse_args()
    office = Office(options.book, approver=getattr(options, "approver", None))
    try:
        if options.command == "run":
            asyncio.run(run(office, options))
        elif options.command == "decide":
            office.decide(options.subject, options.decision, options.by)
        elif options.command == "meet":
            office.meet(options.customer, options.subject)
        else:
            print(json.dumps(office.waiting(), indent=1, ensure_ascii=False))
    finally:
        office.close()


if __name__ == "__main__":
    main()
