"""What the writer does from a deal to an accepted delivery, and with tickets: a cascade through four services."""

from collections import deque
from uuid import UUID

from tests.chaos.desk import Desk, Entry, Shelf

DAY = "2026-03-02"
WON = 0.4
"""Share of the deals that are won."""
NEXT_STEP = {"planned": "start", "in_progress": "submit", "submitted": "accept"}
NEXT_TICKET = {"new": "assign", "assigned": "resolve", "resolved": "close"}


class Deals:
    """Operations on opportunities, and on the projects that events make of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open = Shelf()
        self._won = Shelf()
        self._projects: deque[deque[Entry]] = deque()
        """The deliveries of each project that are not accepted yet."""

    async def create(self) -> None:
        """Enter an opportunity."""
        if not self._desk.customers:
            return
        customer = self._desk.customers[0].id
        self._desk.buyers.add(customer)
        value = {"amount": str(self._desk.pick.randrange(1, 100_000)), "currency": "CNY"}
        body = {"name": f"商机 {self._desk.number()}", "customer_id": str(customer), "value": value}
        deal = await self._desk.create("opportunity", "opportunities", body, state="prospecting", parent=customer)
        if deal is not None:
            self._open.append(deal)

    async def move(self) -> None:
        """Begin talks, or bring them to an end; with a win the order is placed, and other services follow."""
        deal = self._desk.take(self._open)
        if deal is None:
            return
        if deal.state == "prospecting":
            answer = await self._desk.act(deal, "engage", {"engaged_on": DAY})
            shelf = self._open
        elif self._desk.pick.random() < WON:
            answer = await self._desk.act(deal, "win", {"closed_on": DAY}, events=2)
            shelf = self._won
        else:
            await self._desk.act(deal, "lose", {"closed_on": DAY})
            return
        if answer.ok:
            deal.state = answer.body["stage"]
            shelf.append(deal)

    async def win_too_early(self) -> None:
        """Win a deal that is not being talked about yet: refused by the rules, after its row was locked."""
        deal = self._desk.take(self._open)
        if deal is None:
            return
        if deal.state == "prospecting":
            await self._desk.act(deal, "win", {"closed_on": DAY})
        self._open.append(deal)

    async def begin_project(self) -> None:
        """Approve the project that came of a won deal, once it has come."""
        deal = self._desk.take(self._won)
        if deal is None:
            return
        found = await self._desk.client.get("projects", filter=f"opportunity_id == '{deal.id}'")
        if not found.ok or not found.body["items"]:
            self._won.append(deal)
            return
        (shown,) = found.body["items"]
        project = Entry("project", "projects", UUID(shown["id"]), shown["version"])
        if not (await self._desk.act(project, "approve", {}, events=2)).ok:
            return
        planned = await self._desk.client.get("deliveries", filter=f"project_id == '{project.id}'")
        if planned.ok:
            items = planned.body["items"]
            entries = [Entry("delivery", "deliveries", UUID(one["id"]), one["version"], one["status"]) for one in items]
            self._projects.append(deque(entries))

    async def deliver(self) -> None:
        """Take the next step of a delivery; the last acceptance completes the project in the same transaction."""
        if not self._projects:
            return
        deliveries = self._projects.popleft()
        delivery = deliveries[0]
        action = NEXT_STEP[delivery.state]
        events = 2 if action == "accept" and len(deliveries) == 1 else 1
        answer = await self._desk.act(delivery, action, {}, events=events)
        if not answer.ok:
            return
        delivery.state = answer.body["status"]
        if action == "accept":
            deliveries.popleft()
        if deliveries:
            self._projects.append(deliveries)


class Tickets:
    """Operations on tickets."""

    def __init__(self, desk: Desk, me: str) -> None:
        """`me` is somebody who can be given tickets."""
        self._desk = desk
        self._me = me
        self._open = Shelf()

    async def open(self) -> None:
        """Put a question on record."""
        if not self._desk.customers:
            return
        customer = self._desk.customers[0].id
        self._desk.buyers.add(customer)
        body = {"customer_id": str(customer), "kind": "question", "subject": f"问题 {self._desk.number()}"}
        ticket = await self._desk.create("ticket", "tickets", body, state="new")
        if ticket is not None:
            self._open.append(ticket)

    async def move(self) -> None:
        """Assign, resolve or close a ticket."""
        ticket = self._desk.take(self._open)
        if ticket is None:
            return
        action = NEXT_TICKET[ticket.state]
        body = {"assign": {"assignee_id": self._me}, "resolve": {"resolution": "done"}, "close": {}}[action]
        answer = await self._desk.act(ticket, action, body)
        if answer.ok:
            ticket.state = answer.body["status"]
            if ticket.state != "closed":
                self._open.append(ticket)
