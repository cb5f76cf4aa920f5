"""The ERP system's ledger: customers, orders, payments; who owns which field."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bridge import Book, Event

TOPIC = "crm.inbound.erp.v1"

OURS = ("payment_terms_days", "credit_limit", "registration_id")
"""Fields that belong to the ERP system once it knows the customer."""

THEIRS = ("name", "phone")
"""Fields that belong to the CRM; a change here is a proposal, which a person settles there."""

FIELDS = (*THEIRS, *OURS)

_TABLES = """
CREATE TABLE IF NOT EXISTS customer (
  number TEXT PRIMARY KEY, crm_id TEXT UNIQUE, crm_version INTEGER NOT NULL DEFAULT 0,
  mirror TEXT NOT NULL DEFAULT '{}', revision INTEGER NOT NULL DEFAULT 0, gone INTEGER NOT NULL DEFAULT 0,
  name TEXT, phone TEXT, registration_id TEXT, payment_terms_days TEXT, credit_limit TEXT);
CREATE TABLE IF NOT EXISTS sales_order (
  crm_id TEXT PRIMARY KEY, crm_version INTEGER NOT NULL, number TEXT NOT NULL, customer_crm_id TEXT NOT NULL,
  total TEXT NOT NULL, currency TEXT NOT NULL, crm_paid TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payment (
  number TEXT PRIMARY KEY, order_crm_id TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
  received_on TEXT NOT NULL);
"""


class Ledger(Book):
    """Customers, orders and payments; values of customers' fields are kept as JSON."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _TABLES)

    # What the CRM tells.

    def take_in(self, event: Event) -> None:
        """Take in one event of the CRM; runs inside a transaction."""
        if event.type.startswith("customer."):
            self._customer(event)
        elif event.type.startswith("order."):
            self._order(event)
        elif event.type == "sync_conflict.settled" and event.state["status"] == "kept_ours":
            self._give_in(event.state["customer_id"], event.state["field"])

    def _customer(self, event: Event) -> None:
        row = self._of_crm(event.aggregate_id) or self._of_ref(event.state)
        if row is not None and row["crm_version"] >= event.version:
            return
        if row is None:
            number = self._next_number("C", "customer")
            self.db.execute("INSERT INTO customer (number, crm_id) VALUES (?, ?)", (number, event.aggregate_id))
            self._mirror(number, event, FIELDS)
            self._tell(number, ())
            return
        linked = any(ref["system"] == "erp" for ref in event.state["external_refs"])
        self._mirror(row["number"], event, THEIRS if linked else FIELDS)
        if event.type == "customer.deleted":
            self.db.execute("UPDATE customer SET gone = 1 WHERE number = ?", (row["number"],))
        elif linked:
            self._insist(row["number"], event.state)

    def _mirror(self, number: str, event: Event, fields: tuple[str, ...]) -> None:
        """Remember what the CRM has, and take over ``fields``."""
        self.db.execute(
            "UPDATE customer SET crm_id = ?, crm_version = ?, mirror = ? WHERE number = ?",
            (event.aggregate_id, event.version, json.dumps(event.state), number),
        )
        self._set(number, {name: event.state[name] for name in fields})

    def _insist(self, number: str, state: Mapping[str, Any]) -> None:
        """Tell the CRM our values of our fields where it has others; an echo of our own changes has none."""
        mine = self.customer(number)
        differing = tuple(name for name in OURS if mine[name] != state[name])
        if differing:
            self._tell(number, differing)

    def _give_in(self, crm_id: str, field: str) -> None:
        """A person decided that the CRM's value stays."""
        row = self._of_crm(crm_id)
        if row is not None:
            self._set(row["number"], {field: json.loads(row["mirror"])[field]})

    def _order(self, event: Event) -> None:
        state = event.state
        values = (event.aggregate_id, event.version, state["number"], state["customer_id"])
        money = (state["total"]["amount"], state["total"]["currency"], state["paid"]["amount"])
        self.db.execute(
            "INSERT INTO sales_order VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "crm_version = excluded.crm_version, crm_paid = excluded.crm_paid "
            "WHERE sales_order.crm_version < excluded.crm_version",
            (*values, *money),
        )

    # What people do in the ERP system.

    def enter_customer(self, values: Mapping[str, Any]) -> str:
        """Enter a customer here; the CRM learns of it. Returns its number."""
        with self.transaction():
            number = self._next_number("C", "customer")
            self.db.execute("INSERT INTO customer (number) VALUES (?)", (number,))
            self._set(number, values)
            self._tell(number, tuple(values))
        return number

    def change_customer(self, number: str, values: Mapping[str, Any]) -> None:
        """Change a customer here; the CRM learns of it."""
        with self.transaction():
            self._set(number, values)
            self._tell(number, tuple(values))

    def pay(self, order_crm_id: str, amount: Decimal | None = None) -> str:
        """Put a payment on record (all that is open unless said otherwise); the CRM learns of it."""
        with self.transaction():
            order = self.db.execute("SELECT * FROM sales_order WHERE crm_id = ?", (order_crm_id,)).fetchone()
            if order is None:
                raise KeyError(order_crm_id)
            amount = amount if amount is not None else Decimal(order["total"]) - Decimal(self._paid(order_crm_id))
            number, day = self._next_number("P", "payment"), datetime.now(UTC).date().isoformat()
            values = (number, order_crm_id, format(amount, "f"), order["currency"], day)
            self.db.execute("INSERT INTO payment VALUES (?, ?, ?, ?, ?)", values)
            content = {
                "payment_id": number,
                "order_id": order_crm_id,
                "amount": {"amount": format(amount, "f"), "currency": order["currency"]},
                "received_on": day,
            }
            self.enqueue(TOPIC, "erp.payment_received", order_crm_id, content)
        return number

    # What is in the ledger.

    def customer(self, number: str) -> dict[str, Any]:
        """Fields of one customer."""
        row = self.db.execute("SELECT * FROM customer WHERE number = ?", (number,)).fetchone()
        return {name: json.loads(row[name]) if row[name] is not None else None for name in FIELDS}

    def customers(self) -> dict[str, dict[str, Any]]:
        """Fields of all customers that both sides know, by their id in the CRM."""
        rows = self.db.execute("SELECT number, crm_id FROM customer WHERE crm_id IS NOT NULL AND gone = 0").fetchall()
        return {row["crm_id"]: self.customer(row["number"]) for row in rows}

    def orders(self) -> list[dict[str, Any]]:
        """All orders."""
        return [dict(row) for row in self.db.execute("SELECT * FROM sales_order ORDER BY number")]

    def _paid(self, order_crm_id: str) -> str:
        rows = self.db.execute("SELECT amount FROM payment WHERE order_crm_id = ?", (order_crm_id,)).fetchall()
        return format(sum((Decimal(row[0]) for row in rows), Decimal()), "f")

    def _set(self, number: str, values: Mapping[str, Any]) -> None:
        unknown = set(values) - set(FIELDS)
        if unknown:
            raise KeyError(sorted(unknown))
        assignments = ", ".join(f"{name} = ?" for name in values)
        if assignments:
            spelled = [None if value is None else json.dumps(value) for value in values.values()]
            self.db.execute(f"UPDATE customer SET {assignments} WHERE number = ?", (*spelled, number))

    def _tell(self, number: str, changed: tuple[str, ...]) -> None:
        """Send the customer's present values of ``changed``; without any it only tells our number."""
        self.db.execute("UPDATE customer SET revision = revision + 1 WHERE number = ?", (number,))
        row = self.db.execute("SELECT * FROM customer WHERE number = ?", (number,)).fetchone()
        content: dict[str, Any] = {"external_id": number, "revision": row["revision"], "changed": changed}
        if row["crm_id"] is not None:
            content |= {"customer_id": row["crm_id"], "based_on_version": row["crm_version"]}
        mine = self.customer(number)
        self.enqueue(TOPIC, "erp.customer_changed", number, content | {name: mine[name] for name in changed})

    def _next_number(self, letter: str, table: str) -> str:
        count = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return f"{letter}-{count + 1:06}"

    def _of_crm(self, crm_id: str) -> Any:
        return self.db.execute("SELECT * FROM customer WHERE crm_id = ?", (crm_id,)).fetchone()

    def _of_ref(self, state: Mapping[str, Any]) -> Any:
        """The customer that was entered here first and has just got its id in the CRM."""
        numbers = [ref["external_id"] for ref in state["external_refs"] if ref["system"] == "erp"]
        if not numbers:
            return None
        return self.db.execute("SELECT * FROM customer WHERE number = ?", (numbers[0],)).fetchone()
