"""Contracts beside opportunities, customers, people and other systems."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from crm_contracts.inbound.v1 import ApprovalDecision, OaApprovalDecided, OaContractSigned
from crm_contracts.privacy.v1 import SubjectKind
from crm_platform.errors import DomainError, NotFound
from crm_platform.ids import new_id
from crm_platform.sealing.boxes import new_key_pair
from crm_platform.testing.identity import colleague
from crm_platform.testing.merges import told
from crm_platform.testing.plugin import deliver
from crm_platform.testing.privacy import access_of, erasure_of, told_by
from sales_svc.contracts.errors import NeededToSign, SignedInFuture
from sales_svc_tests.contracts.support import CUSTOMER, READY, Company
from sales_svc_tests.support import at, posted


async def told_to(company: Company, event: Any) -> None:
    """Hand an event over twice."""
    for _ in range(2):
        await deliver(company.service, event, tenant_id=company.author.tenant_id)


async def deal(company: Company, customer: str | None = CUSTOMER) -> str:
    made = await posted(company.mine, "/v1/opportunities", {"name": "平台升级", "customer_id": customer})
    return str(made["id"])


async def test_a_contract_belongs_to_an_opportunity_of_its_customer(company: Company) -> None:
    opportunity, others, nobodys = await deal(company), await deal(company, str(uuid4())), await deal(company, None)
    contract = await company.drafted(opportunity_id=opportunity)
    wanted = {"filter": f"opportunity_id == '{opportunity}' && value.amount > 119999 && status == 'draft'"}
    assert (await company.mine.get("/v1/contracts", params=wanted)).json()["items"] == [contract]

    entered = [
        await company.mine.post("/v1/contracts", json=READY | {"opportunity_id": id})
        for id in (str(uuid4()), others, nobodys)
    ]
    changed = [
        await company.patched(contract, opportunity_id=str(uuid4())),
        await company.patched(contract, opportunity_id=others),
        await company.patched(contract, customer_id=str(uuid4())),
    ]

    codes = ["unknown_opportunity", "other_customer", "other_customer"]
    assert [(answer.status_code, answer.json()["code"]) for answer in entered] == [(409, code) for code in codes]
    assert [(answer.status_code, answer.json()["code"]) for answer in changed] == [(409, code) for code in codes]
    assert await company.shown(contract) == contract
    alone = await company.patched(contract, customer_id=str(uuid4()), opportunity_id=None)
    assert (alone.status_code, alone.json()["opportunity_id"]) == (200, None)
    assert await company.types() == ["contract.created", "contract.updated"]


async def test_a_version_is_asked_for_before_anything_else_is_looked_at(company: Company) -> None:
    contract = await company.drafted()
    path, body = f"/v1/contracts/{contract['id']}", {"opportunity_id": str(uuid4())}

    answers = [
        await company.mine.patch(path, json=body),
        await company.mine.patch(path, json=body, headers=at(7)),
        await company.mine.patch(f"/v1/contracts/{uuid4()}", json=body, headers=at(1)),
    ]

    assert [answer.status_code for answer in answers] == [428, 412, 404]


async def test_what_an_opportunity_of_somebody_else_is_about_stays_unknown(company: Company) -> None:
    theirs = {"name": "别人的商机", "customer_id": CUSTOMER, "owner_id": str(uuid4())}
    hidden = await posted(company.mine, "/v1/opportunities", theirs)
    async with company.service.as_(colleague(company.author, visibility="own")) as client:
        answer = await client.post("/v1/contracts", json=READY | {"opportunity_id": hidden["id"]})

    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_opportunity")


async def test_numbers_have_no_gaps_whatever_is_refused_or_entered_at_once(company: Company) -> None:
    await company.drafted()
    refused = await company.mine.post("/v1/contracts", json=READY | {"opportunity_id": str(uuid4())})
    reversed_ = {"valid_from": "2026-02-01", "valid_until": "2026-01-01"}
    backwards = await company.mine.post("/v1/contracts", json=READY | reversed_)
    async with asyncio.TaskGroup() as group:
        made = [group.create_task(company.drafted(title=f"合同{number}")) for number in range(6)]

    assert (refused.status_code, backwards.status_code) == (409, 409)
    assert sorted(int(task.result()["number"][-6:]) for task in made) == [2, 3, 4, 5, 6, 7]


async def test_an_external_id_belongs_to_one_contract(company: Company) -> None:
    ref, other = ({"system": "erp", "external_id": id} for id in ("HT-1", "HT-2"))
    first = await company.drafted(external_refs=[ref])
    taken = await company.mine.post("/v1/contracts", json=READY | {"external_refs": [ref]})
    await company.patched(first, external_refs=[other])
    second = await company.drafted(external_refs=[ref])

    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")
    assert (second["external_refs"], second["number"][-6:]) == ([ref], "000002")


async def test_signed_at_the_same_moment_it_is_signed_once(company: Company) -> None:
    contract = await company.drafted()

    answers = await asyncio.gather(*(company.act(contract, "sign") for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert await company.types() == ["contract.created", "contract.signed"]


async def test_contracts_follow_their_customers_into_merges_and_back(company: Company) -> None:
    kept, gone, merge_id = new_id(), new_id(), new_id()
    opportunity = await deal(company, str(gone))
    contract = await company.moved(await company.drafted(customer_id=str(gone), opportunity_id=opportunity), "sign")
    other = await company.drafted(customer_id=str(kept))

    await told_to(company, told(merge_id, kept, gone))
    followed = await company.shown(contract)
    late = await company.drafted(customer_id=str(gone))
    await told_to(company, told(merge_id, kept, gone, undone=True))

    assert (followed["customer_id"], late["customer_id"]) == (str(kept), str(kept))
    back = await company.shown(contract)
    assert back == contract | {"version": 4, "updated_at": back["updated_at"], "updated_by": "system:sales-svc"}
    assert await company.shown(other) == other
    events = await company.told(contract["id"])
    assert [event for event, *_ in events] == ["contract.created", "contract.signed", *["contract.updated"] * 2]


async def test_what_a_contract_says_of_a_person_is_erased_and_the_signature_stays(company: Company) -> None:
    contract = await company.drafted(title="李雷的装修合同", description="与李雷面谈")
    await company.moved(contract, "sign")
    person, keys = UUID(contract["customer_signatory_id"]), new_key_pair()
    who = UUID(CUSTOMER)

    await told_to(company, access_of(person, keys.public, kind=SubjectKind.CONTACT))
    await told_to(company, erasure_of(who))

    shown = await company.shown(contract)
    assert (shown["title"], shown["description"], shown["version"]) == ("[已删除 / erased]", None, 3)
    assert (shown["value"], shown["customer_signatory_id"]) == (contract["value"], str(person))
    (row,) = await company.service.sql(
        "SELECT records FROM erasure_answers WHERE tenant_id = $1", company.author.tenant_id
    )
    records = [(one["record"], one["erased"], one["members"]) for one in orjson.loads(row["records"])]
    assert records == [("contract", 1, ["title", "description", "end_reason"])]
    sections = [one for one in await told_by(company.service, keys.private) if one["record"] == "contract_signature"]
    assert [(one["title"]["zh"], [item["number"] for item in one["items"]]) for one in sections] == [
        ("代表客户签署的合同", [contract["number"]])
    ]


def decision(contract: dict[str, Any], verdict: ApprovalDecision, subject: str = "contract") -> OaApprovalDecided:
    return OaApprovalDecided(
        approval_id="OA-2026-17",
        subject_type=subject,
        subject_id=UUID(contract["id"]),
        decision=verdict,
        decided_by="王经理",
        comment="条款已核",
    )


async def test_the_oa_system_approves_and_returns(company: Company) -> None:
    contract = await company.drafted()

    await told_to(company, decision(contract, ApprovalDecision.APPROVED, subject="project"))
    await told_to(company, decision(contract, ApprovalDecision.REFUSED))
    assert await company.shown(contract) == contract
    await told_to(company, decision(contract, ApprovalDecision.APPROVED))
    approved = await company.shown(contract)
    await told_to(company, decision(contract, ApprovalDecision.REFUSED))

    assert (approved["status"], approved["approved_by"], approved["version"]) == ("approved", "王经理", 2)
    assert (await company.told())[1:] == [("contract.approved", 2, "条款已核"), ("contract.returned", 3, "条款已核")]
    with pytest.raises(NotFound):
        await told_to(company, decision({"id": str(uuid4())}, ApprovalDecision.APPROVED))


def signature(contract: dict[str, Any], **fields: Any) -> OaContractSigned:
    known = {"signature_id": "OA-S-9", "contract_id": UUID(contract["id"]), "signed_on": date(2025, 3, 2)}
    return OaContractSigned(**known | {"comment": "用印完成"} | fields)


async def test_a_signature_in_the_oa_system_signs_once(company: Company) -> None:
    contract = await company.moved(await company.drafted(), "approve")

    await told_to(company, signature(contract))
    await told_to(company, signature(contract, signature_id="OA-S-10", signed_on=date(2025, 3, 9)))

    shown = await company.shown(contract)
    assert (shown["status"], shown["signed_on"], shown["version"]) == ("signed", "2025-03-02", 3)
    assert (await company.told())[-1] == ("contract.signed", 3, "用印完成")


@pytest.mark.parametrize(("fields", "refusal"), [({"signed_on": date(2199, 1, 1)}, SignedInFuture), ({}, NeededToSign)])
async def test_a_signature_that_cannot_be_is_put_aside(
    company: Company, fields: dict[str, Any], refusal: type[DomainError]
) -> None:
    contract = await company.drafted(customer_signatory_id=None)

    with pytest.raises(refusal):
        await told_to(company, signature(contract, **fields))

    assert await company.shown(contract) == contract
    named = uuid4()
    await told_to(company, signature(contract, customer_signatory_id=named))
    assert (await company.shown(contract))["customer_signatory_id"] == str(named)


async def test_bad_members_are_named(company: Company) -> None:
    bad = {
        "title": "",
        "customer_id": "观心",
        "value": {"amount": "-1", "currency": "CNY"},
        "valid_from": 20260301,
        "status": "signed",
    }
    contract = await company.drafted()

    entered = await company.mine.post("/v1/contracts", json=READY | bad)
    changed = await company.mine.patch(f"/v1/contracts/{contract['id']}", json=bad, headers=at(1))

    for answer in (entered, changed):
        assert answer.status_code == 422
        pointers = {error["pointer"] for error in answer.json()["errors"]}
        assert pointers == {"/title", "/customer_id", "/value", "/valid_from", "/status"}
    emptied = await company.patched(contract, title=None)
    assert (emptied.status_code, emptied.json()["errors"][0]["pointer"]) == (422, "/title")
    assert await company.types() == ["contract.created"]
