"""What the writer does with customers, alone and in batches, and what of it has to be refused."""

from collections import deque
from typing import Any
from uuid import UUID

from tests.chaos.client import Answer
from tests.chaos.desk import SHELF_SIZE, Desk, Entry
from tests.chaos.ledger import Change, changes_of

BATCH = 10
SPOILT = 0.4
"""Share of the batches in which one record has to be refused."""
LIKE_NAMES = "?allow_duplicates=true"
"""They are numbered, and so look much the same."""
NEXT = {"prospect": "activate", "active": "rest", "dormant": "activate"}


class Customers:
    """Operations on customers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._taken: deque[str] = deque(maxlen=SHELF_SIZE)
        """External ids that belong to somebody."""

    async def create(self) -> None:
        """Enter a customer."""
        number = self._desk.number()
        customer = await self._desk.create(
            "customer",
            "customers",
            {"name": f"客户 {number}", "employees": number},
            state="prospect",
            query=LIKE_NAMES,
        )
        if customer is not None:
            self._desk.customers.append(customer)

    async def rename(self) -> None:
        """Change a customer's name."""
        customer = self._desk.take(self._desk.customers)
        if customer is None:
            await self.create()
            return
        answer = await self._desk.rename(customer, f"客户 {self._desk.number()}", query=LIKE_NAMES)
        self._put_back(customer, answer)

    async def move(self) -> None:
        """Take a step of a customer's life cycle."""
        customer = self._desk.take(self._desk.customers)
        if customer is None:
            return
        answer = await self._desk.act(customer, NEXT[customer.state], {"reason": "chaos"})
        # A purchase makes a customer active in the background.
        self._put_back(customer, answer if answer.ok else await self._desk.client.get(customer.path))

    async def delete(self) -> None:
        """Remove a customer that nobody has dealt with."""
        customer = self._desk.take(self._desk.customers)
        if customer is None or customer.id in self._desk.buyers:
            return
        write, answer = await self._desk.client.write(
            "delete customer", "DELETE", customer.path, version=customer.version
        )
        if answer.ok:
            write.changes = (Change("customer", customer.id, customer.version + 1),)

    def _put_back(self, customer: Entry, shown: Answer) -> None:
        if shown.ok:
            customer.state = shown.body["status"]
        self._desk.customers.append(customer)

    async def batch(self) -> None:
        """Ten customers at once; in some batches one has an external id that is taken, and is rolled back alone."""
        number = self._desk.number()
        refs = [f"{number}-{place}" for place in range(BATCH)]
        if self._taken and self._desk.pick.random() < SPOILT:
            refs[self._desk.pick.randrange(BATCH)] = self._taken[-1]
        body = {"items": [_with_ref(f"批量 {ref}", ref) for ref in refs]}
        write, answer = await self._desk.client.write(
            "batch", "POST", f"customers/batch{LIKE_NAMES}", body, events=BATCH
        )
        if not answer.ok:
            return
        created = [result for result in answer.body["results"] if result["status"] == "created"]
        write.events = len(created)
        write.changes = changes_of("customer", created)
        self._taken.extend(refs[result["index"]] for result in created)
        self._desk.customers.extend(
            Entry("customer", "customers", UUID(result["id"]), 1, "prospect") for result in created
        )

    async def enter_taken(self) -> None:
        """Enter a customer under an external id that is taken: written, then rolled back."""
        if self._taken:
            body = _with_ref("重复", self._taken[0])
            await self._desk.client.write("enter a taken id", "POST", "customers", body)

    async def rename_stale(self) -> None:
        """Change a customer on the ground of a version that it never had."""
        if self._desk.customers:
            customer = self._desk.customers[-1]
            version = customer.version + 1000
            await self._desk.client.write(
                "rename with a wrong version", "PATCH", customer.path, {"name": "陈旧"}, version=version
            )

    async def enter_misfit(self) -> None:
        """Enter a customer that does not fit its schema."""
        await self._desk.client.write("enter a misfit", "POST", "customers", {"name": "错误", "employees": -1})


def _with_ref(name: str, ref: str) -> dict[str, Any]:
    return {"name": name, "external_refs": [{"system": "chaos", "external_id": ref}]}
