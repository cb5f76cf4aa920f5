"""A person is erased: here at once, elsewhere by answers, and nothing brings it back."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from crm_contracts.inbound.v1 import ErpCustomerChanged, OaMeetingHeld
from crm_contracts.privacy.v1 import ANSWERS, ErasedRecords, ErasureAnswerSnapshot
from crm_platform.audit.certificates import is_genuine
from crm_platform.audit.sealer import Sealer
from crm_platform.audit.verify import verify_service
from crm_platform.clock import utc_now
from crm_platform.context import Caller
from crm_platform.ids import new_id
from crm_platform.sealing.vault import vault_for
from crm_platform.testing.events import StartWorker
from crm_platform.testing.identity import caller, colleague
from crm_platform.testing.plugin import RunningService, deliver
from crm_platform.testing.sweeps import swept

REF = {"system": "erp", "external_id": "C-4711"}
NEEDLES = ("13800138000", "lilei@needle.example", "11010519491231002X", "延安路", "C-4711", "Needlework")
PERSON: dict[str, Any] = {
    "name": "李雷",
    "kind": "person",
    "short_name": "Needlework",
    "phone": "138 0013 8000",
    "email": "lilei@needle.example",
    "addresses": [{"country": "CN", "city": "上海市", "street": "延安路 1 号"}],
    "identity_documents": [{"kind": "resident_id", "number": "11010519491231002X", "country": "CN"}],
    "external_refs": [REF],
    "tags": ["vip"],
}


async def person(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/customers?allow_duplicates=true", json=PERSON | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def erase(client: httpx.AsyncClient, id: str, kind: str = "customer", **changes: Any) -> httpx.Response:
    body = {"subject_kind": kind, "subject_id": id, "basis": "consent_withdrawn", "reference": "Brief 7"}
    return await client.post("/v1/erasures", json=body | changes)


async def talk(client: httpx.AsyncClient, customer_id: str, at: str = "2026-03-01T08:00:00Z") -> str:
    body = {"customer_id": customer_id, "kind": "call", "subject": "Needlework", "content": "13800138000"}
    answer = await client.post("/v1/communications", json=body | {"happened_at": at, "participants": ["李雷"]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def answered(service: RunningService, agent: Caller, erasure: dict[str, Any], *services: str) -> None:
    """Hand in the answers of services, as their workers would send them; each of them twice."""
    for name in services:
        at = utc_now()
        state = ErasureAnswerSnapshot(
            id=new_id(),
            version=1,
            created_at=at,
            created_by="system:x",
            updated_at=at,
            updated_by="system:x",
            erasure_id=UUID(erasure["id"]),
            subject_id=UUID(erasure["subject_id"]),
            service=name,
            records=(ErasedRecords(record="ticket", members=("subject",), erased=2),),
        )
        for _ in range(2):
            await deliver(service, ANSWERS[name](state=state), tenant_id=agent.tenant_id)


async def everything(service: RunningService, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """All rows of all tables as texts, and the events as they are told."""
    tables = await service.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'customer_svc'::regnamespace"
    )
    found = {}
    for (table,) in tables:
        if table not in without:
            found[table] = str([row[0] for row in await service.sql(f'SELECT t::text FROM "{table}" AS t')])
    events = await service.sql("SELECT convert_from(payload, 'UTF8') FROM outbox")
    return found | {"events": str([row[0] for row in events])}


async def test_a_person_is_gone_and_the_record_stays(client: httpx.AsyncClient, service: RunningService) -> None:
    who, other = await person(client), await person(client, name="韩梅梅", phone="137 0013 7000", external_refs=[])
    told = await talk(client, who["id"])
    made = await erase(client, who["id"])

    assert made.status_code == 201, made.text
    left = (await client.get(f"/v1/customers/{who['id']}")).json()
    assert left["name"] == f"已删除 / erased {UUID(who['id']).hex[-8:]}"
    assert (left["phones"], left["emails"], left["addresses"], left["identity_documents"]) == ([], [], [], [])
    assert (left["short_name"], left["tags"], left["external_refs"], left["version"]) == (None, [], [], 2)
    assert left["erased_at"] is not None
    talked = (await client.get(f"/v1/communications/{told}")).json()
    assert (talked["customer_id"], talked["content"], talked["participants"]) == (who["id"], None, [])
    assert (await client.get(f"/v1/customers/{other['id']}")).json() == other
    for query in ({"phone": "13800138000"}, {"filter": '"lilei@needle.example" in emails'}):
        found = (await client.get("/v1/customers", params=query)).json()["items"]
        assert all(one["id"] != who["id"] for one in found)
    assert (await client.get(f"/v1/subject-keys/{who['id']}")).status_code == 410
    events = [row[0] for row in await service.sql("SELECT type FROM outbox ORDER BY id DESC LIMIT 3")]
    assert events == ["erasure.requested", "communication.updated", "customer.erased"]


async def test_no_table_and_no_event_tells_of_the_person(client: httpx.AsyncClient, service: RunningService) -> None:
    who = await person(client)
    await talk(client, who["id"])
    await client.patch(
        f"/v1/customers/{who['id']}", json={"website": "https://needle.example"}, headers={"if-match": '"1"'}
    )
    assert (await erase(client, who["id"])).status_code == 201

    for table, content in (await everything(service)).items():
        for needle in (*NEEDLES, "李雷", "needle.example"):
            assert needle not in content, (table, needle)
    database = service.app.state.runtime.database
    assert await Sealer(database, service.settings).seal_batch() > 0
    report = await verify_service(service.settings.db.url, service.service.name, service.settings.audit.checkpoint_dir)
    assert report.sound


async def test_the_history_of_an_erased_person_is_sound_and_says_nothing(client: httpx.AsyncClient) -> None:
    law = await client.post("/v1/hold-rules", json={"record": "customer_name", "days": 9999, "law": "invoices"})
    kept, gone = await person(client), await person(client, name="韩梅梅", external_refs=[])
    told = await talk(client, gone["id"])
    assert (await erase(client, kept["id"])).status_code == 201
    stopped = await client.patch(
        f"/v1/hold-rules/{law.json()['id']}", json={"active": False}, headers={"if-match": '"1"'}
    )
    assert stopped.status_code == 200, stopped.text
    assert (await erase(client, gone["id"])).status_code == 201

    assert (await client.get(f"/v1/customers/{kept['id']}")).json()["name"] == "李雷"
    for path in (f"/v1/customers/{kept['id']}", f"/v1/customers/{gone['id']}", f"/v1/communications/{told}"):
        verified = (await client.get(f"{path}/history/verification")).json()
        assert (verified["sound"], verified["entries"]) == (True, 2), path
        last, first = (await client.get(f"{path}/history")).json()["items"]
        withheld = {one["member"] for one in first["changes"] if one["withheld"] == "erased"}
        assert withheld >= ({"subject", "content"} if "communications" in path else {"name", "tags", "phones"})
        assert not [needle for needle in (*NEEDLES, "李雷", "韩梅梅") if needle in str((last, first))]
        then = await client.get(f"{path}/as-of", params={"at": first["at"]})
        assert then.status_code == 200
        assert "[已删除 / erased]" in then.text
    changed = await client.patch(f"/v1/customers/{gone['id']}", json={"name": "某人"}, headers={"if-match": '"2"'})
    assert changed.status_code == 200, changed.text
    verified = (await client.get(f"/v1/customers/{gone['id']}/history/verification")).json()
    assert (verified["sound"], verified["entries"]) == (True, 3)


async def test_a_contact_is_erased_and_its_links_stay(client: httpx.AsyncClient, service: RunningService) -> None:
    company = (await client.post("/v1/customers", json={"name": "观心科技"})).json()["id"]
    body = {"name": "王芳", "phone": "13900139000", "title": "采购经理", "links": [{"customer_id": company}]}
    contact = (await client.post("/v1/contacts", json=body)).json()

    made = (await erase(client, contact["id"], "contact")).json()

    left = (await client.get(f"/v1/contacts/{contact['id']}")).json()
    assert (left["phone"], left["title"], left["links"][0]["customer_id"]) == (None, None, company)
    assert "王芳" not in str(await everything(service))
    assert [one["record"] for one in made["parts"][0]["records"]] == ["contact", "contact_link"]


async def test_what_merges_have_kept_of_a_contact_is_erased(client: httpx.AsyncClient, service: RunningService) -> None:
    kept, gone = [
        (await client.post("/v1/customers", json={"name": name})).json() for name in ("观心科技", "远帆物流集团")
    ]
    link = {"customer_id": gone["id"], "title": "Needlework", "department": "采购部", "role": "buyer"}
    contact = (await client.post("/v1/contacts", json={"name": "王芳", "links": [link]})).json()
    absorbed = {"absorbed": [{"id": gone["id"], "version": 1}]}
    merged = await client.post(f"/v1/customers/{kept['id']}/merge", json=absorbed, headers={"if-match": '"1"'})
    assert merged.status_code == 200, merged.text

    assert (await erase(client, contact["id"], "contact")).status_code == 201

    found = str(await everything(service))
    assert not [needle for needle in ("Needlework", "采购部", "王芳") if needle in found]
    left = (await client.get(f"/v1/contacts/{contact['id']}")).json()["links"]
    assert [(one["customer_id"], one["title"], one["role"]) for one in left] == [(kept["id"], None, None)]
    merge = merged.json()["merge"]
    undone = await client.post(f"/v1/customer-merges/{merge['id']}/unmerge", json={}, headers={"if-match": '"1"'})
    assert (undone.status_code, undone.json()["conflicts"]) == (200, [])
    assert (await client.get(f"/v1/contacts/{contact['id']}")).json()["links"] == left


async def test_answers_complete_it_and_a_certificate_proves_it(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = await person(client)
    made = (await erase(client, who["id"])).json()
    path, first, *others = f"/v1/erasures/{made['id']}", *ANSWERS
    assert (made["status"], [one["service"] for one in made["parts"]]) == ("running", ["customer-svc", *ANSWERS])

    await answered(service, agent, made, first)
    early = await client.get(f"{path}/certificate")
    await answered(service, agent, made, *others)

    assert (early.status_code, early.json()["code"]) == (409, "erasure_not_complete")
    done = (await client.get(path)).json()
    assert (done["status"], done["version"]) == ("completed", 1 + len(ANSWERS))
    assert all(one["done_at"] for one in done["parts"])
    document = (await client.get(f"{path}/certificate")).json()
    public = document["public_key"].encode()
    assert is_genuine(document, public)
    assert document["certificate"]["subject_id"] == who["id"]
    assert document["certificate"]["services"][1]["records"][0]["erased"] == 2
    assert not [needle for needle in (*NEEDLES, "李雷") if needle in str(document["certificate"])]
    document["certificate"]["basis"] = "unlawful"
    assert not is_genuine(document, public)
    kinds = [
        row[0] for row in await service.sql("SELECT type FROM outbox WHERE aggregate_type = 'erasure' ORDER BY id")
    ]
    assert kinds == ["erasure.requested", *["erasure.answered"] * (len(ANSWERS) - 1), "erasure.completed"]


async def test_rules_keep_records_and_say_until_when(client: httpx.AsyncClient) -> None:
    rules = {"communication": 3650, "customer_name": 365}
    for record, days in rules.items():
        made = await client.post("/v1/hold-rules", json={"record": record, "days": days, "law": f"law of {record}"})
        assert made.status_code == 201, made.text
    who = await person(client)
    old, young = await talk(client, who["id"], "2001-01-01T00:00:00Z"), await talk(client, who["id"])

    records = {one["record"]: one for one in (await erase(client, who["id"])).json()["parts"][0]["records"]}

    assert (records["communication"]["erased"], records["communication"]["kept"]) == (1, 1)
    assert (records["communication"]["why"], records["communication"]["until"]) == (
        "law of communication",
        "2036-02-27",
    )
    assert records["customer"]["why"] == "name: law of customer_name"
    assert (await client.get(f"/v1/customers/{who['id']}")).json()["name"] == "李雷"
    contents = [(await client.get(f"/v1/communications/{id}")).json()["content"] for id in (old, young)]
    assert contents == [None, "13800138000"]


async def test_nothing_brings_the_person_back(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = await person(client)
    await erase(client, who["id"])
    before = await service.sql("SELECT count(*) FROM outbox")
    phone = ("phone",)
    told = {"name": "李雷", "phone": "138 0013 8000"}

    for message in (
        ErpCustomerChanged(external_id="C-4711", revision=9, changed=("name", *phone), **told),
        ErpCustomerChanged(external_id="C-9", revision=1, changed=("name", *phone), **told),
        ErpCustomerChanged(external_id="C-8", revision=1, changed=("name",), name="李雷", customer_id=UUID(who["id"])),
        OaMeetingHeld(meeting_id="M-1", customer_id=UUID(who["id"]), subject="李雷", held_at=utc_now()),
    ):
        await deliver(service, message, tenant_id=agent.tenant_id, origin=message.type.partition(".")[0])

    assert await service.sql("SELECT count(*) FROM outbox") == before
    assert len((await client.get("/v1/customers")).json()["items"]) == 1
    stranger = ErpCustomerChanged(external_id="C-1", revision=1, changed=("name",), name="新客户")
    await deliver(service, stranger, tenant_id=agent.tenant_id, origin="erp")
    assert len((await client.get("/v1/customers")).json()["items"]) == 2


async def test_the_list_of_suppressed_values_tells_nothing(client: httpx.AsyncClient, service: RunningService) -> None:
    who = await person(client)
    await erase(client, who["id"])

    rows = await service.sql("SELECT kind, key FROM suppressions ORDER BY kind")
    assert [row["kind"] for row in rows] == ["email", "phone", "ref"]
    vault = vault_for(service.settings.sealing, needed=True)
    assert vault is not None
    keys = await service.sql("SELECT key FROM customer_keys")
    assert not {row["key"] for row in rows} & {row["key"] for row in keys}


@pytest.mark.parametrize("kind", ["customer", "contact"])
async def test_nobody_is_erased_who_is_no_person_or_unknown(
    client: httpx.AsyncClient, service: RunningService, kind: str
) -> None:
    company = (await client.post("/v1/customers", json={"name": "观心科技"})).json()["id"]

    answers = [await erase(client, id, kind) for id in (company, str(new_id()))]
    body = {"subject_kind": kind, "subject_id": company, "basis": "consent_withdrawn"}
    chinese = await client.post("/v1/erasures", json=body, headers={"accept-language": "zh"})
    noun = {"customer": "客户", "contact": "联系人"}[kind]
    assert chinese.json()["detail"] == f"没有属于个人的{noun} {company}，或您无权查看。"

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "nobody_to_erase")] * 2
    assert await service.sql("SELECT type FROM outbox") == [("customer.created",)]


async def test_a_person_is_erased_once(client: httpx.AsyncClient, service: RunningService) -> None:
    who = await person(client)
    first, second = await erase(client, who["id"]), await erase(client, who["id"])

    assert (first.status_code, second.status_code, second.json()["code"]) == (201, 409, "erased_already")
    assert await service.sql("SELECT count(*) FROM erasures") == [(1,)]


async def test_whoever_may_not_erase_does_not(
    client: httpx.AsyncClient, service: RunningService, agent: Caller
) -> None:
    who = await person(client)
    async with service.as_(colleague(agent, "customers:*", "erasures:read")) as other:
        assert (await erase(other, who["id"])).status_code == 403
    async with service.as_(caller()) as stranger:
        assert (await erase(stranger, who["id"])).json()["code"] == "nobody_to_erase"
    assert (await client.get(f"/v1/customers/{who['id']}")).json() == who


async def test_late_answers_raise_an_alarm_once(
    client: httpx.AsyncClient, service: RunningService, start_worker: StartWorker
) -> None:
    who, other = await person(client), await person(client, name="乙", external_refs=[])
    late, timely = (await erase(client, who["id"])).json(), (await erase(client, other["id"])).json()
    await service.sql("UPDATE erasures SET deadline = now() - interval '1 s' WHERE id = $1", UUID(late["id"]))

    await start_worker(service)
    await swept(service, "erasures.alarm")

    shown = [(await client.get(f"/v1/erasures/{one['id']}")).json() for one in (late, timely)]
    assert [one["overdue"] for one in shown] == [True, False]
    kinds = await service.sql("SELECT type, aggregate_id FROM outbox WHERE type = 'erasure.overdue'")
    assert [tuple(row) for row in kinds] == [("erasure.overdue", UUID(late["id"]))]
