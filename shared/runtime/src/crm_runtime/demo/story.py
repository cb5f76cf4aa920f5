"""The story of one deal: from the pipeline to an accepted delivery and a measured outcome.

Every step looks first whether it was taken before, so that a story that was broken off goes on where it stood.
"""

import asyncio
import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_runtime.demo.api import Api, wait_for
from crm_runtime.demo.partners import Partners

Tell = Callable[[str], None]
"""Says what is happening."""

APPROVER = "OA"
PIPELINE = "sales_pipeline.csv"
COMPLAINT = {"kind": "complaint", "priority": "high", "subject": "交付文档缺少中文版 / documents lack Chinese"}


@dataclass(frozen=True, kw_only=True)
class Deal:
    """The won deal that the story follows."""

    name: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What the story came to."""

    customer: dict[str, Any]
    project: dict[str, Any]
    sales: dict[str, Any]
    deliveries: dict[str, Any]
    satisfaction: dict[str, Any]
    view: dict[str, Any]


def won_deals(data: Path, *, refused: frozenset[int] = frozenset()) -> list[Deal]:
    """The won deals of a pipeline file, without the rows that were not loaded; the biggest first."""
    with (data / PIPELINE).open(encoding="utf-8-sig", newline="") as file:
        header, *lines = csv.reader(file)
    loaded = [cells for number, cells in enumerate(lines, 2) if cells and number not in refused]
    rows = [dict(zip(header, cells, strict=True)) for cells in loaded]
    deals = [
        Deal(name=f"{row['product']} ({row['opportunity_id']})", value=Decimal(row["close_value"]))
        for row in rows
        if row["deal_stage"] == "Won"
    ]
    return sorted(deals, key=lambda deal: -deal.value)


class Story:
    """Plays the deal through all services, over the public API and through the partners' programs."""

    def __init__(self, api: Api, partners: Partners, tell: Tell) -> None:
        self._api = api
        self._partners = partners
        self._tell = tell

    async def play(self, deals: Sequence[Deal]) -> Ending:
        """Play the story of the first of ``deals``, which are all that were won and must have become projects."""
        api, deal, won = self._api, deals[0], len(deals)
        self._tell(f"Waiting until {won} won deals have become orders and projects")
        await wait_for("an order for every won deal", lambda: self._reached("/orders", won))
        await wait_for("a project for every won deal", lambda: self._reached("/projects", won))
        (opportunity,) = await api.find("/opportunities", f"name == {json.dumps(deal.name, ensure_ascii=False)}")
        customer = await api.get(f"/customers/{opportunity['customer_id']}")
        self._tell(f"Following “{deal.name}” with {customer['name']}")
        project = await self._approve(opportunity["id"])
        await self._raise_risk(project)
        await self._deliver(project)
        await self._serve(customer["id"], project["id"])
        await self._pay(opportunity["id"], customer["id"])
        self._tell("Waiting for the figures")
        return await self._ending(customer["id"], project["id"], won)

    async def _reached(self, path: str, count: int) -> bool:
        return await self._api.count(path) >= count

    async def _approve(self, opportunity_id: str) -> dict[str, Any]:
        async def opened() -> list[dict[str, Any]]:
            return await self._api.find("/projects", f"opportunity_id == '{opportunity_id}'")

        (project,) = await wait_for("the project of the deal", opened)
        if project["status"] != "draft":
            return project
        self._tell("The OA system approves the project and tells of the kick-off meeting")

        async def requested() -> bool:
            return project["id"] in await self._partners.oa("list")

        await wait_for("the request for approval in the OA system", requested)
        await self._partners.oa("decide", project["id"], "approved", "--by", APPROVER)
        await self._partners.oa("meet", project["customer_id"], f"启动会 / Kick-off: {project['name']}")

        async def started() -> dict[str, Any] | None:
            found = await self._api.get(f"/projects/{project['id']}")
            return found if found["status"] == "active" else None

        return await wait_for("the start of the project", started)

    async def _raise_risk(self, project: dict[str, Any]) -> None:
        title = "关键人员离职 / key person leaves"
        risks = await self._api.find("/risks", f"project_id == '{project['id']}'")
        risk = next((risk for risk in risks if risk["title"] == title), None)
        if risk is None:
            self._tell("A risk is raised, and exceeds the project's threshold")
            body = {"project_id": project["id"], "title": title, "category": "people", "probability": 4, "impact": 5}
            risk = await self._api.create("/risks", body, key=f"story-risk-{project['id']}")
        if risk["status"] == "open":
            response = {"response": "安排备份人员 / a deputy is named", "probability": 2}
            await self._api.act(f"/risks/{risk['id']}", "assess", response)

    async def _deliver(self, project: dict[str, Any]) -> None:
        self._tell("Deliverables are handed over; one is refused once and handed over again")
        deliveries = await self._api.find("/deliveries", f"project_id == '{project['id']}'")
        for number, delivery in enumerate(sorted(deliveries, key=lambda one: (one["due_on"], one["id"]))):
            await self._accept(delivery, refuse_once=number == 0)

        async def completed() -> bool:
            return str((await self._api.get(f"/projects/{project['id']}"))["status"]) == "completed"

        await wait_for("the end of the project", completed)

    async def _accept(self, delivery: dict[str, Any], *, refuse_once: bool) -> None:
        path = f"/deliveries/{delivery['id']}"
        while delivery["status"] != "accepted":
            status = delivery["status"]
            if status == "planned":
                delivery = await self._api.act(path, "start", {})
            elif status in {"in_progress", "rejected"}:
                delivery = await self._api.act(path, "submit", {})
            elif refuse_once and delivery["submissions"] == 1:
                reason = {"reason": "验收文档不完整 / acceptance documents incomplete"}
                delivery = await self._api.act(path, "reject", reason)
            else:
                delivery = await self._api.act(path, "accept", {})

    async def _serve(self, customer_id: str, project_id: str) -> None:
        self._tell("After-sales service begins; a complaint is settled; the customer answers the surveys")
        of_project = f"project_id == '{project_id}'"
        await wait_for("the after-sales period", lambda: self._api.find("/service-periods", of_project))
        tickets = await self._api.find("/tickets", of_project)
        ticket = tickets[0] if tickets else await self._open_ticket(customer_id, project_id)
        me = await self._api.get("/auth/me")
        if ticket["status"] == "new":
            ticket = await self._api.act(f"/tickets/{ticket['id']}", "assign", {"assignee_id": me["id"]})
        if ticket["status"] == "assigned":
            body = {"resolution": "已补交中文文档 / Chinese documents delivered"}
            await self._api.act(f"/tickets/{ticket['id']}", "resolve", body)
        accepted = await self._api.count("/deliveries", of_project)

        async def asked() -> list[dict[str, Any]]:
            surveys = await self._api.find("/surveys", of_project)
            return surveys if len(surveys) == accepted else []

        for number, survey in enumerate(await wait_for("the surveys", asked)):
            if survey["status"] == "sent":
                answer = {"score": 3 if number == 0 else 5, "comment": "交付顺利 / went well"}
                await self._api.act(f"/surveys/{survey['id']}", "answer", answer)

    async def _open_ticket(self, customer_id: str, project_id: str) -> dict[str, Any]:
        body = {**COMPLAINT, "customer_id": customer_id, "project_id": project_id}
        return await self._api.create("/tickets", body, key=f"story-ticket-{project_id}")

    async def _pay(self, opportunity_id: str, customer_id: str) -> None:
        async def placed() -> list[dict[str, Any]]:
            return await self._api.find("/orders", f"opportunity_id == '{opportunity_id}'")

        (order,) = await wait_for("the order", placed)
        if order["status"] != "paid":
            self._tell("The ERP system takes the payment and sets the customer's payment terms")
            number = await wait_for(
                "the customer in the ERP system", lambda: self._erp_number(customer_id, order["id"])
            )
            await self._partners.erp("pay", order["id"])
            await self._partners.erp("change", number, json.dumps({"payment_terms_days": 45}))

        async def settled() -> bool:
            paid = (await self._api.get(f"/orders/{order['id']}"))["status"] == "paid"
            return bool(paid and (await self._api.get(f"/customers/{customer_id}"))["payment_terms_days"] == 45)  # noqa: PLR2004

        await wait_for("the payment and the payment terms", settled)

    async def _erp_number(self, customer_id: str, order_id: str) -> str | None:
        """The customer's number in the ERP system, once both sides know each other and the order is there."""
        customer = await self._api.get(f"/customers/{customer_id}")
        numbers = [ref["external_id"] for ref in customer["external_refs"] if ref["system"] == "erp"]
        ledger = json.loads(await self._partners.erp("list"))
        known = any(order["crm_id"] == order_id for order in ledger["orders"])
        return numbers[0] if numbers and known else None

    async def _ending(self, customer_id: str, project_id: str, won: int) -> Ending:
        of_project = f"project_id == '{project_id}'"
        accepted = await self._api.count("/deliveries", of_project)

        async def counted() -> tuple[dict[str, Any], ...] | None:
            reports = await asyncio.gather(
                *(self._api.get(f"/reports/{name}") for name in ("sales", "deliveries", "satisfaction"))
            )
            sales, deliveries, satisfaction = reports
            deals = sum(stage["count"] for stage in sales["stages"] if stage["stage"] == "won")
            told = deals >= won and deliveries["accepted"] >= accepted and satisfaction["surveys_answered"] >= accepted
            return tuple(reports) if told and satisfaction["tickets_resolved"] else None

        sales, deliveries, satisfaction = await wait_for("the figures", counted)
        return Ending(
            customer=await self._api.get(f"/customers/{customer_id}"),
            project=await self._api.get(f"/projects/{project_id}"),
            sales=sales,
            deliveries=deliveries,
            satisfaction=satisfaction,
            view=await self._api.get(f"/customers/{customer_id}/360"),
        )
