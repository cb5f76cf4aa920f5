"""From the draft to the signature and the end, through the API."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from dirty_equals import IsDatetime, IsStr, IsUUID

from crm_platform.context import Caller, Visibility
from crm_platform.testing.companies import live_in
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService
from sales_svc_tests.contracts.support import BODIES, CNY_120000, CONTACT, CUSTOMER, READY, SIGNED, USER, Company
from sales_svc_tests.support import at, posted

REF = {"system": "erp", "external_id": "HT-2026-17"}
WAY = {
    "draft": (),
    "approved": ("approve",),
    "signed": ("sign",),
    "fulfilled": ("sign", "fulfil"),
    "terminated": ("sign", "terminate"),
    "cancelled": ("cancel",),
}
LEGAL = {
    ("draft", "approve"): "approved",
    ("draft", "sign"): "signed",
    ("draft", "cancel"): "cancelled",
    ("approved", "return"): "draft",
    ("approved", "sign"): "signed",
    ("approved", "cancel"): "cancelled",
    ("signed", "fulfil"): "fulfilled",
    ("signed", "terminate"): "terminated",
}


async def test_a_draft_is_shown_as_it_was_entered(company: Company) -> None:
    body = READY | {
        "title": " 观心平台采购合同 ",
        "value": {"amount": "120000.50", "currency": "CNY"},
        "valid_until": "2027-03-01",
        "external_refs": [REF, REF],
    }

    answer = await company.mine.post("/v1/contracts", json=body)

    contract = answer.json()
    author = company.author
    assert contract == {
        "id": IsUUID(),
        "version": 1,
        "created_at": IsDatetime(iso_string=True),
        "created_by": author.actor,
        "updated_at": contract["created_at"],
        "updated_by": author.actor,
        "owner_id": str(author.id),
        "team_id": None,
        "number": IsStr(regex=r"CT-\d{4}-000001"),
        "title": "观心平台采购合同",
        "customer_id": CUSTOMER,
        "opportunity_id": None,
        "status": "draft",
        "value": {"amount": "120000.5", "currency": "CNY"},
        "valid_from": None,
        "valid_until": "2027-03-01",
        "our_signatory_id": USER,
        "customer_signatory_id": CONTACT,
        "description": None,
        "drafted_by": author.actor,
        "approved_by": None,
        "signed_on": None,
        "ended_on": None,
        "end_reason": None,
        "external_refs": [REF],
        "customer_known": False,
    }
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert (await company.mine.get(answer.headers["location"])).json() == contract
    assert await company.told() == [("contract.created", 1, None)]


async def test_a_contract_goes_through_its_life(company: Company) -> None:
    contract = await company.drafted(valid_until="2026-12-31")
    contract = (await company.patched(contract, title="观心平台采购合同（修订）")).json()
    contract = await company.moved(contract, "approve", reason="法务已审")
    approver = contract["approved_by"]
    signed = await company.moved(contract, "sign", reason="双方盖章")
    ended = await company.moved(signed, "terminate")

    assert approver not in {None, company.author.actor}
    assert signed == contract | {
        "version": 4,
        "updated_at": signed["updated_at"],
        "updated_by": company.author.actor,
        "status": "signed",
        "signed_on": "2025-03-02",
        "valid_from": "2025-03-02",
    }
    assert ended == signed | {
        "version": 5,
        "updated_at": ended["updated_at"],
        "status": "terminated",
        "ended_on": "2025-09-30",
        "end_reason": "双方协商一致",
    }
    assert await company.told() == [
        ("contract.created", 1, None),
        ("contract.updated", 2, None),
        ("contract.approved", 3, "法务已审"),
        ("contract.signed", 4, "双方盖章"),
        ("contract.terminated", 5, "双方协商一致"),
    ]
    history = (await company.mine.get(f"/v1/contracts/{ended['id']}/history")).json()["items"]
    assert [one["action"] for one in history] == list(reversed(await company.types()))


@pytest.mark.parametrize("status", WAY)
async def test_every_action_in_every_status(company: Company, status: str) -> None:
    for action in BODIES:
        contract = await company.moved(await company.drafted(), *WAY[status])
        before = await company.told(contract["id"])

        answer = await company.act(contract, action)

        following = LEGAL.get((status, action))
        if following is None:
            assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
            assert await company.shown(contract) == contract
            assert await company.told(contract["id"]) == before
        else:
            assert (answer.status_code, answer.json()["status"]) == (200, following)
            assert len(await company.told(contract["id"])) == len(before) + 1


@pytest.mark.parametrize(
    ("lacking", "names"),
    [
        ({"value": None}, "value"),
        ({"our_signatory_id": None, "customer_signatory_id": None}, "our_signatory_id, customer_signatory_id"),
    ],
)
async def test_nothing_is_signed_without_amount_and_signatories(
    company: Company, lacking: dict[str, Any], names: str
) -> None:
    contract = await company.drafted(**lacking)

    refused = await company.act(contract, "sign")
    without_day = await company.mine.post(f"/v1/contracts/{contract['id']}/sign", json={}, headers=at(1))

    assert (refused.status_code, refused.json()["code"]) == (409, "needed_to_sign")
    assert refused.json()["detail"] == f"The contract cannot be signed without: {names}."
    assert (without_day.status_code, without_day.json()["errors"][0]["pointer"]) == (422, "/signed_on")
    assert await company.shown(contract) == contract
    assert await company.types() == ["contract.created"]


async def test_whoever_signs_can_be_named_with_the_signature(company: Company) -> None:
    contract = await company.drafted(our_signatory_id=None)
    other, third = str(uuid4()), str(uuid4())

    signed = await company.moved(contract, "sign", our_signatory_id=other, customer_signatory_id=third)

    assert (signed["our_signatory_id"], signed["customer_signatory_id"]) == (other, third)


@pytest.mark.parametrize(
    ("fields", "actions", "body", "refusal"),
    [
        ({}, ("sign",), {"signed_on": "2199-01-01"}, ("signed_in_future", "签署日期 2199-01-01 尚未到来。")),
        (
            {"valid_until": "2025-03-01"},
            ("sign",),
            {},
            ("validity_reversed", "合同有效期的截止日 2025-03-01 早于起始日 2025-03-02。"),
        ),
        (
            {},
            ("sign", "fulfil"),
            {"ended_on": "2025-03-01"},
            ("ended_before_signed", "合同不能在 2025-03-01 终止：签署日期为 2025-03-02。"),
        ),
    ],
)
async def test_days_have_an_order(
    company: Company, fields: dict[str, Any], actions: tuple[str, ...], body: dict[str, Any], refusal: tuple[str, str]
) -> None:
    contract = await company.moved(await company.drafted(**fields), *actions[:-1])
    before = await company.types()
    company.mine.headers["accept-language"] = "zh"

    answer = await company.act(contract, actions[-1], **body)

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, *refusal)
    assert await company.types() == before


async def test_a_termination_needs_a_reason(company: Company) -> None:
    contract = await company.moved(await company.drafted(), "sign")
    body = {"ended_on": "2025-09-30"}

    answers = [
        await company.mine.post(f"/v1/contracts/{contract['id']}/terminate", json=body | more, headers=at(2))
        for more in ({}, {"reason": None}, {"reason": " "})
    ]

    assert [(answer.status_code, answer.json()["errors"][0]["pointer"]) for answer in answers] == [(422, "/reason")] * 3
    assert await company.types() == ["contract.created", "contract.signed"]


@pytest.mark.parametrize("status", [status for status in WAY if status != "draft"])
async def test_terms_change_in_a_draft_only_and_the_rest_at_any_time(company: Company, status: str) -> None:
    contract = await company.moved(await company.drafted(), *WAY[status])
    other = {"amount": "1", "currency": "CNY"}

    refused = await company.patched(contract, value=other, valid_until="2027-01-01", title="另一份")
    nothing = await company.patched(contract, value=CNY_120000)
    changed = await company.patched(contract, description="已归档", external_refs=[REF])

    assert (refused.status_code, refused.json()["code"]) == (409, "terms_fixed")
    assert f"`{status}`" in refused.json()["detail"]
    assert "title, valid_until, value" in refused.json()["detail"]
    assert (nothing.status_code, nothing.json()) == (200, contract)
    assert changed.json() == contract | {
        "version": contract["version"] + 1,
        "updated_at": changed.json()["updated_at"],
        "updated_by": company.author.actor,
        "description": "已归档",
        "external_refs": [REF],
    }


async def test_nobody_approves_their_own_terms(company: Company) -> None:
    contract = await company.drafted()
    own = await company.mine.post(f"/v1/contracts/{contract['id']}/approve", json={}, headers=at(1))
    edited = await company.theirs.patch(
        f"/v1/contracts/{contract['id']}", json={"valid_until": "2027-01-01"}, headers=at(1)
    )
    theirs = await company.act(edited.json(), "approve")
    approved = await company.mine.post(f"/v1/contracts/{contract['id']}/approve", json={}, headers=at(2))

    assert [(answer.status_code, answer.json()["code"]) for answer in (own, theirs)] == [(403, "own_contract")] * 2
    assert (approved.status_code, approved.json()["approved_by"]) == (200, company.author.actor)
    returned = await company.moved(approved.json(), "return", reason="条款需修改")
    assert (returned["status"], returned["approved_by"]) == ("draft", None)
    assert (await company.told())[-1] == ("contract.returned", 4, "条款需修改")


async def test_approving_takes_a_scope_of_its_own(service: RunningService, company: Company) -> None:
    contract = await company.drafted()
    async with service.as_(colleague(company.author, "contracts:read", "contracts:write")) as client:
        refused = await client.post(f"/v1/contracts/{contract['id']}/approve", json={}, headers=at(1))
        signed = await client.post(f"/v1/contracts/{contract['id']}/sign", json=SIGNED, headers=at(1))

    assert (refused.status_code, refused.json()["code"], signed.status_code) == (403, "forbidden", 200)


async def test_versions_and_repeated_calls(company: Company) -> None:
    contract = await company.drafted()
    path = f"/v1/contracts/{contract['id']}"
    answers = [await company.mine.post(f"{path}/{action}", json=body) for action, body in BODIES.items()]
    stale = [await company.mine.post(f"{path}/{action}", json=body, headers=at(7)) for action, body in BODIES.items()]
    headers = at(1) | {"idempotency-key": "sign-1"}

    signed = [await company.mine.post(f"{path}/sign", json=SIGNED, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [428] * 6
    assert [answer.status_code for answer in stale] == [412] * 6
    assert [(answer.status_code, answer.json()["version"]) for answer in signed] == [(200, 2)] * 2
    assert await company.types() == ["contract.created", "contract.signed"]


async def test_another_tenant_finds_nothing(service: RunningService, company: Company) -> None:
    contract = await company.drafted(external_refs=[REF])
    path = f"/v1/contracts/{contract['id']}"
    async with service.as_(caller()) as stranger:
        answers = [await stranger.get(path), await stranger.patch(path, json={"title": "x"}, headers=at(1))]
        answers += [
            await stranger.post(f"{path}/{action}", json=body, headers=at(1)) for action, body in BODIES.items()
        ]
        listed = (await stranger.get("/v1/contracts", params={"count": "exact"})).json()
        first = await posted(stranger, "/v1/contracts", READY | {"external_refs": [REF]})

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 8
    assert (listed["items"], listed["count"]["value"]) == ([], 0)
    assert first["number"].endswith("-000001")
    assert await company.types() == ["contract.created"]


async def test_contracts_are_seen_as_the_visibility_allows(
    service: RunningService, company: Company, agent: Caller
) -> None:
    team = uuid4()
    owners: dict[str, dict[str, Any]] = {
        "甲": {"owner_id": str(uuid4()), "team_id": str(team)},
        "乙": {"owner_id": str(uuid4()), "team_id": str(uuid4())},
        "丙": {"owner_id": None, "team_id": None},
    }
    for title, owner in owners.items():
        await company.drafted(title=title, **owner)
    seen = {}
    levels: tuple[Visibility, ...] = ("own", "team", "all")
    for visibility in levels:
        who = colleague(agent, visibility=visibility, team_ids=[team])
        async with service.as_(who) as client:
            answer = (await client.get("/v1/contracts", params={"sort": "title", "fields": "title"})).json()
            seen[visibility] = {item["title"] for item in answer["items"]}

    assert seen == {"own": {"丙"}, "team": {"甲", "丙"}, "all": {"甲", "乙", "丙"}}


@pytest.mark.parametrize(
    ("zone", "moment", "ended_on"),
    [
        ("UTC", "2026-03-31T23:59:30", "2026-03-31"),
        ("Asia/Shanghai", "2026-03-31T15:59:30", "2026-03-31"),
        ("Asia/Shanghai", "2026-03-31T16:00:00", "2026-04-01"),
        ("America/New_York", "2026-04-01T03:59:30", "2026-03-31"),
        ("America/New_York", "2026-04-01T04:00:00", "2026-04-01"),
    ],
)
async def test_a_contract_ends_today_where_the_company_is(
    service: RunningService, company: Company, zone: str, moment: str, ended_on: str
) -> None:
    await live_in(service, company.author.tenant_id, zone)
    contract = await company.moved(await company.drafted(valid_until="2199-12-31"), "approve")
    path, body = f"/v1/contracts/{contract['id']}/cancel", {"reason": "不再需要"}

    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=True):
        ended = await company.mine.post(path, json=body, headers=at(contract["version"]))

    assert (ended.status_code, ended.json()["status"], ended.json()["ended_on"]) == (200, "cancelled", ended_on)
