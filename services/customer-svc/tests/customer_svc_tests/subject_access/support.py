"""People who ask what is known of them, and the services that answer."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import orjson

from crm_contracts.base import DomainEvent
from crm_contracts.subject_access.v1 import (
    ANSWERS,
    AccessAnswerSnapshot,
    SubjectAccessRequested,
    SubjectAccessSnapshot,
    ToldRecords,
)
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.privacy.access import answer_place
from crm_platform.sealing.boxes import seal_to
from crm_platform.testing.plugin import RunningService, deliver

PERSON: dict[str, Any] = {
    "name": "李雷",
    "kind": "person",
    "phone": "138 0013 8000",
    "email": "lilei@needle.example",
    "addresses": [{"country": "CN", "city": "上海市", "street": "延安路 1 号"}],
    "external_refs": [{"system": "erp", "external_id": "C-4711"}],
}
OTHERS = tuple(name for name in ANSWERS if name != "customer-svc")
SECTION = {
    "record": "ticket",
    "source": "tickets",
    "title": {"en": "ticket", "zh": "工单"},
    "schema": {"type": "object", "properties": {"subject": {"type": "string", "description": "What it is about."}}},
    "left_out": 0,
    "withheld": None,
    "items": [{"subject": "<b>needle</b>"}],
}


@dataclass
class Desk:
    """Somebody at the service who asks for people, and what the other services do."""

    service: RunningService
    agent: Caller

    async def person(self, client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
        answer = await client.post("/v1/customers?allow_duplicates=true", json=PERSON | changes)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def ask(self, client: httpx.AsyncClient, id: str, kind: str = "customer", **more: Any) -> httpx.Response:
        body = {"subject_kind": kind, "subject_id": id, "reference": "Brief 7"}
        return await client.post("/v1/subject-access-requests", json=body | more)

    async def asked(self, client: httpx.AsyncClient, id: str, kind: str = "customer") -> dict[str, Any]:
        answer = await self.ask(client, id, kind)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def own_answer(self, request: dict[str, Any]) -> None:
        """This service answers, as its worker would let it: what it consumes arrives twice."""
        state = SubjectAccessSnapshot.model_validate(request)
        for _ in range(2):
            await self.deliver(SubjectAccessRequested(state=state))
        query = "SELECT convert_from(payload, 'UTF8') FROM outbox WHERE aggregate_type = $1 AND tenant_id = $2"
        rows = await self.service.sql(query, "customer_access", self.agent.tenant_id)
        for row in rows:
            for _ in range(2):
                await self.deliver(ANSWERS["customer-svc"].model_validate_json(row[0]))

    async def answered(
        self, request: dict[str, Any], *services: str, page: int = 1, pages: int = 1, **section: Any
    ) -> None:
        """Other services answer, each of them twice."""
        for name in services:
            for _ in range(2):
                await self.deliver(answer_of(request, name, page, pages, SECTION | section))

    async def deliver(self, event: DomainEvent[Any]) -> None:
        await deliver(self.service, event, tenant_id=self.agent.tenant_id)

    async def ready(self, client: httpx.AsyncClient, id: str, kind: str = "customer") -> dict[str, Any]:
        """A request to which all have answered."""
        request = await self.asked(client, id, kind)
        await self.own_answer(request)
        await self.answered(request, *OTHERS)
        return request

    async def told(self) -> list[str]:
        """The events of the agent's tenant about requests."""
        query = "SELECT type FROM outbox WHERE aggregate_type = 'subject_access' AND tenant_id = $1 ORDER BY id"
        return [row[0] for row in await self.service.sql(query, self.agent.tenant_id)]


def answer_of(
    request: dict[str, Any], service: str, page: int, pages: int, section: dict[str, Any]
) -> DomainEvent[AccessAnswerSnapshot]:
    """A page of an answer, as its service seals it."""
    at, id = utc_now(), UUID(request["id"])
    content = zlib.compress(orjson.dumps([section]))
    state = AccessAnswerSnapshot(
        id=new_id(),
        version=1,
        created_at=at,
        created_by="system:x",
        updated_at=at,
        updated_by="system:x",
        request_id=id,
        subject_id=UUID(request["subject_id"]),
        service=service,
        page=page,
        pages=pages,
        records=(ToldRecords(record=section["record"], told=len(section["items"])),),
        content=seal_to(request["answer_key"], content, answer_place(id, service, page)),
    )
    return ANSWERS[service](state=state)


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    """The files of a bundle."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def bundle_of(request: dict[str, Any]) -> str:
    return f"/v1/subject-access-requests/{request['id']}/bundle"
