"""Records and bodies of the gateway, where people have passwords and phones."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pyotp

from crm_contracts.customer.v1 import CustomerCreated
from crm_platform.ids import new_id
from crm_platform.testing.plugin import deliver
from gateway_tests.identity.running import ADMIN_EMAIL, PASSWORD
from tests.world.events import event_of

Record = dict[str, Any]
Make = Callable[[Any], Awaitable[Record]]


async def _send(world: Any, path: str, body: Record | None = None, *, as_: Any = None, **headers: str) -> Record:
    """What a POST answers; it has to succeed."""
    who = world.token(as_ or world.people.owner)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await world.client.post(path, json=body, headers=who | named)
    assert answer.is_success, (path, answer.status_code, answer.text)
    return answer.json() if answer.content else {}


async def _shown(world: Any, user_id: object) -> Record:
    answer = await world.client.get(f"/api/v1/users/{user_id}", headers=world.token(world.people.owner))
    return dict(answer.json())


async def _proof(world: Any) -> Record:
    """The owner's password, which is set anew, and no second factor."""
    owner = world.people.owner.id
    user = await _shown(world, owner)
    if user["second_factor"]:
        etag = f'"{user["version"]}"'
        user = await _send(world, f"/api/v1/users/{owner}/reset-second-factor", if_match=etag)
    password = {"password": PASSWORD}
    await _send(world, f"/api/v1/users/{owner}/password", password, if_match=f'"{user["version"]}"')
    return {"current_password": PASSWORD}


async def _code(world: Any, of: Any = None) -> Record:
    """A code of the phone that is about to be taken into use."""
    proof = {"current_password": PASSWORD} if of else await _proof(world)
    begun = await _send(world, "/api/v1/auth/second-factor", proof, as_=of)
    return {"code": pyotp.TOTP(begun["secret"]).now()}


async def _proof_with_phone(world: Any) -> Record:
    code = await _code(world)
    await _send(world, "/api/v1/auth/second-factor/confirm", code)
    return {"current_password": PASSWORD}


async def _user_with_phone(world: Any) -> Record:
    user = await world.post("/api/v1/users", password=PASSWORD)
    person = replace(world.people.owner, id=UUID(user["id"]))
    await _send(world, "/api/v1/auth/second-factor/confirm", await _code(world, person), as_=person)
    return await _shown(world, user["id"])


async def _user_with_session(world: Any) -> Record:
    person = await world.company.person(f"{new_id()}@acme.test")
    await world.company.sign_in(person.email)
    return await _shown(world, person.id)


async def _deal(world: Any) -> Record:
    return await _send(world, "/api/v1/opportunities", {"name": "Deal"})


async def _signed_in(world: Any) -> Record:
    """Tokens of the owner."""
    await _proof(world)
    tokens: Record = await world.company.sign_in()
    return tokens


async def _session(world: Any) -> Record:
    tokens = await _signed_in(world)
    return {"id": tokens["session_id"], "owner_id": str(world.people.owner.id)}


async def _sign_in(world: Any) -> Record:
    await _proof(world)
    return {"tenant": world.company.slug, "email": ADMIN_EMAIL, "password": PASSWORD}


async def _refresh(world: Any) -> Record:
    return {"refresh_token": (await _signed_in(world))["refresh_token"]}


async def _client(world: Any) -> Record:
    made = await world.company.credential(kind="client")
    return {"client_id": made["public_id"], "client_secret": made["secret"]}


async def _change(world: Any) -> Record:
    return {**await _proof(world), "new_password": f"another {PASSWORD}"}


async def _customer(world: Any) -> Record:
    return await _send(world, "/api/v1/customers", {"name": "Acme"})


async def _project(world: Any) -> Record:
    event = event_of(CustomerCreated)
    await deliver(world.behind["project-svc"], event, tenant_id=world.people.owner.tenant_id)
    body = {"customer_id": str(event.state.id), "name": "Acme", "due_on": "2030-01-01"}
    return await _send(world, "/api/v1/projects", body)


async def _other_zone(world: Any) -> Record:
    """Another time zone than the company of all tests has."""
    known = (await world.client.get("/api/v1/company", headers=world.token(world.people.owner))).json()["time_zone"]
    return {"time_zone": "Europe/Berlin" if known == "Asia/Shanghai" else "Asia/Shanghai"}


async def _company(world: Any) -> Record:
    """The company with a time zone of its own."""
    said: Record = await world.done(world.operations["define_company"], None)
    return said


RECIPES: dict[tuple[str, str], Make] = {
    ("gateway", "/api/v1/auth/sessions"): _session,
    ("gateway", "/api/v1/customers"): _customer,
    ("gateway", "/api/v1/projects"): _project,
    ("gateway", "reset_second_factor"): _user_with_phone,
    ("gateway", "sign_out_user"): _user_with_session,
    ("gateway", "get_company"): _company,
    ("gateway", "get_home"): _deal,
}

BODIES: dict[str, dict[str, Any] | Make] = {
    "define_company": _other_zone,
    "sign_in": _sign_in,
    "refresh_session": _refresh,
    "sign_out": _refresh,
    "issue_client_token": _client,
    "change_password": _change,
    "begin_second_factor": _proof,
    "confirm_second_factor": _code,
    "remove_second_factor": _proof_with_phone,
    "renew_recovery_codes": _proof_with_phone,
}
