"""``python -m erp_sync``: run the ERP side, or do something in it.

The API key in ``CRM_API_KEY`` needs the scope ``subject_keys:read``.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
from decimal import Decimal
from pathlib import Path

import httpx

from bridge import Pump, SubjectKeys
from erp_sync.ledger import Ledger

TOPICS = ("crm.customer.v1", "crm.order.v1")


async def run(ledger: Ledger, options: argparse.Namespace) -> None:
    """Carry events in and messages out until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rights = {"authorization": f"Bearer {os.environ.get('CRM_API_KEY', '')}"}
    async with httpx.AsyncClient(base_url=options.url, headers=rights) as client:
        pump = Pump(
            ledger,
            system="erp",
            tenant=options.tenant,
            bootstrap=options.kafka,
            topics=TOPICS,
            handle=ledger.take_in,
            keys=SubjectKeys(client, "/api/v1/subject-keys"),
            prefix=options.topic_prefix,
        )
        await pump.run(stop)


def main() -> None:
    """Entry point."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(prog="erp_sync", description=__doc__)
    parser.add_argument("--ledger", type=Path, default=Path("erp.sqlite3"))
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="take part in the CRM's events")
    running.add_argument("--tenant", required=True)
    running.add_argument("--kafka", default="127.0.0.1:29092")
    running.add_argument("--url", default="http://127.0.0.1:8080", help="the CRM, for the keys of personal data")
    running.add_argument("--topic-prefix", default="")
    change = commands.add_parser("change", help="change a customer")
    change.add_argument("number")
    change.add_argument("values", help='JSON, such as {"payment_terms_days": 30}')
    pay = commands.add_parser("pay", help="put a payment on record")
    pay.add_argument("order", help="the order's id in the CRM")
    pay.add_argument("amount", nargs="?", type=Decimal)
    commands.add_parser("list", help="show the ledger")
    options = parser.parse_args()
    ledger = Ledger(options.ledger)
    try:
        if options.command == "run":
            asyncio.run(run(ledger, options))
        elif options.command == "change":
            ledger.change_customer(options.number, json.loads(options.values))
        elif options.command == "pay":
            print(ledger.pay(options.order, options.amount))
        else:
            print(
                json.dumps({"customers": ledger.customers(), "orders": ledger.orders()}, indent=1, ensure_ascii=False)
            )
    finally:
        ledger.close()


if __name__ == "__main__":
    main()
