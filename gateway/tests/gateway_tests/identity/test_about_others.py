"""Services are told what another user may do, for who may ask that; by a token that lets nobody in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from asgi_lifespan import LifespanManager

from crm_platform.auth.claims import AboutClaims
from crm_platform.context import FieldRule
from crm_runtime.pytest_plugin import MakeDatabase
from gateway.main import create_app
from gateway_tests.identity.running import Company, Person, RunningGateway, at, migrate, problem, settings_for
from gateway_tests.identity.test_field_rules import ROLE
from gateway_tests.serving import Seen, ServiceDouble, serve

PATH = f"/v1/customers/{uuid4()}/access/explain"


@dataclass(slots=True)
class Asking:
    """A company, and the service behind its gateway."""

    company: Company
    service: ServiceDouble

    async def ask(self, email: str, about: str, **headers: str) -> httpx.Response:
        async with await self.company.as_(email, **headers) as client:
            return await client.get(f"/api{PATH}", params={"user_id": about})

    async def told(self) -> AboutClaims:
        """What the service was told in the last request."""
        token = self.last.header("crm-about")
        assert token is not None
        return await self.company.gateway.runtime.verifier.verify_about(token)

    @property
    def last(self) -> Seen:
        return self.service.requests[-1]


@pytest.fixture(scope="module")
async def gateway(make_shared_database: MakeDatabase) -> AsyncIterator[tuple[RunningGateway, ServiceDouble]]:
    database, service = make_shared_database("gateway", migrate=migrate), ServiceDouble()
    async with serve(service) as serving:
        settings = settings_for(database, services={"customer-svc": serving.url})
        app = create_app(settings)
        async with LifespanManager(app):
            yield RunningGateway(app, settings, database.admin_url), service


@pytest.fixture
async def asking(gateway: tuple[RunningGateway, ServiceDouble]) -> Asking:
    running, service = gateway
    service.forget()
    service.answer(PATH, {})
    return Asking(await running.company(), service)


async def test_a_service_is_told_what_another_may_do_now(asking: Asking) -> None:
    company = asking.company
    team = await company.team("华东")
    async with await company.as_() as admin:
        assert (await admin.post("/api/v1/roles", json=ROLE)).status_code == 201
    li = await company.person("li@acme.test", roles=["caller"], team_id=team)

    answer = await asking.ask("admin@acme.test", li.id)

    assert (answer.status_code, asking.last.query) == (200, f"user_id={li.id}")
    claims = await asking.told()
    about = claims.to_caller()
    assert (str(about.id), about.tenant_id, about.visibility, claims.active) == (li.id, company.id, "all", True)
    assert about.scopes == {"customers:read", "customers:write"}
    assert about.fields == (
        FieldRule("customers", "credit_limit", "hidden"),
        FieldRule("customers", "phone", "masked"),
    )
    async with await company.as_() as admin:
        assert (await admin.post(f"{li.path}/deactivate", json={}, headers=at(1))).status_code == 200
    await asking.ask("admin@acme.test", li.id)
    assert (await asking.told()).active is False


async def test_only_who_may_ask_about_others_is_answered(asking: Asking) -> None:
    company = asking.company
    east, west = await company.team("华东"), await company.team("华西")
    agent = await company.person("agent@acme.test", roles=["agent"], team_id=east)
    await company.person("boss@acme.test", roles=["manager"], team_id=east)
    far = await company.person("far@acme.test", roles=["agent"], team_id=west)
    other = await asking.company.gateway.company()

    refusals = [
        await asking.ask("agent@acme.test", far.id),
        await asking.ask("boss@acme.test", far.id),
        await asking.ask("admin@acme.test", str(uuid4())),
        await asking.ask("admin@acme.test", str(other.admin_id)),
        await asking.ask("admin@acme.test", "li"),
    ]

    assert [problem(refusal) for refusal in refusals] == [
        (403, "forbidden"),
        (403, "beyond_own_rights"),
        (404, "not_found"),
        (404, "not_found"),
        (400, "invalid_parameter"),
    ]
    assert asking.service.requests == []
    assert (await asking.ask("boss@acme.test", agent.id)).status_code == 200
    assert (await asking.told()).to_caller().visibility == "own"


async def test_nobody_but_the_gateway_tells_a_service(asking: Asking) -> None:
    admin = Person(str(asking.company.admin_id), "admin@acme.test")

    await asking.ask(admin.email, admin.id, crm_about="made.by.myself")
    assert asking.last.header("crm-about") is None
    async with await asking.company.as_(crm_about="made.by.myself") as client:
        await client.get(f"/api{PATH}")
        await client.get("/api/v1/customers", params={"user_id": str(uuid4())})
    assert [seen.header("crm-about") for seen in asking.service.requests] == [None, None, None]


async def test_what_tells_of_somebody_lets_nobody_in(asking: Asking) -> None:
    li = await asking.company.person("li@acme.test", roles=["admin"])
    await asking.ask("admin@acme.test", li.id)
    token = asking.last.header("crm-about")

    async with asking.company.gateway.client(token) as thief:
        assert problem(await thief.get("/api/v1/users")) == (401, "unauthenticated")
        assert problem(await thief.get("/api/v1/customers")) == (401, "unauthenticated")
