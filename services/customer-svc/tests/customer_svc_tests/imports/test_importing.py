"""From a file to customers, and back."""

from customer_svc_tests.imports.support import HEADER, Importer, as_csv

ACME = ["K-1", "上海观心科技有限公司", "", "138 0013 8000", "INFO@Guanxin.example", "上海", "120", "A", "老客户、重点"]
HUA = ["K-2", "华东精密机械厂", "", "021-6888 1234 转 8", "", "苏州", "1,200", "b级", ""]
BAD = ["K-3", "坏行", "", "12", "no-mail", "", "很多", "Z", ""]


async def test_a_file_becomes_customers_with_an_event_and_an_entry_each(importer: Importer) -> None:
    _, counters = await importer.imported(as_csv([ACME, HUA]))

    assert counters == {"created": 2}
    first, second = sorted(await importer.customers(), key=lambda one: one["external_refs"][0]["external_id"])
    assert (first["name"], first["phone"], first["email"], first["employees"], first["grade"]) == (
        "上海观心科技有限公司",
        "+8613800138000",
        "info@guanxin.example",
        120,
        "A",
    )
    assert (first["tags"], first["address"]["city"], first["address"]["country"]) == (["老客户", "重点"], "上海", "CN")
    assert first["external_refs"] == [{"system": "erp", "external_id": "K-1"}]
    assert first["owner_id"] == str(importer.who.id)
    assert (second["phone"], second["employees"], second["grade"]) == ("+862168881234;ext=8", 1200, "B")
    events = await importer.sql("SELECT type FROM outbox WHERE aggregate_type = 'customer'")
    entries = await importer.sql("SELECT reason FROM audit_entries WHERE aggregate_type = 'customer'")
    assert [row["type"] for row in events] == ["customer.created"] * 2
    assert [row["reason"] for row in entries] == ["import of 客户.csv"] * 2


async def test_done_again_it_changes_nothing(importer: Importer) -> None:
    path, _ = await importer.imported(as_csv([ACME, HUA]))
    again = await importer.done(path, "run")
    _, anew = await importer.imported(as_csv([ACME, HUA]))

    assert again["counters"] == anew == {"unchanged": 2}
    events = await importer.sql("SELECT 1 FROM outbox WHERE aggregate_type = 'customer'")
    assert len(events) == 2


async def test_a_dry_run_tells_what_would_become_of_each_row_and_does_nothing(importer: Importer) -> None:
    await importer.imported(as_csv([ACME]))
    changed = [*ACME[:3], "13900139000", *ACME[4:6], "130", *ACME[7:]]
    path = await importer.mapped(as_csv([changed, HUA, BAD, HUA]))
    tried = await importer.done(path, "check")

    assert tried["counters"] == {"updated": 1, "created": 1, "failed": 1, "skipped": 1}
    assert tried["result"] == {"errors": 2}
    assert len(await importer.customers()) == 1
    lines = (await importer.text(f"{path}/report")).splitlines()
    assert lines[0] == "row,outcome,customer_id,code,reason,changes"
    assert lines[1].startswith("2,updated,")
    assert "employees: 120 → 130" in lines[1]
    assert "+8613900139000" in lines[1]
    assert lines[2] == "3,created,,,,"
    assert lines[3].startswith("4,failed,,row_refused,")
    for cell in ("联系电话", "邮箱", "员工数", "客户等级"):
        assert cell in lines[3]
    assert lines[4] == "5,skipped,,row_repeated,Row 3 of the file has the same `external_id`.,"
    (stored,) = await importer.service.sql(
        "SELECT detail::text FROM operation_results WHERE operation_id = $1 AND outcome = 'updated'", tried["id"]
    )
    assert "13900139000" not in stored["detail"]


async def test_the_file_of_errors_can_be_corrected_and_given_again(importer: Importer) -> None:
    path, counters = await importer.imported(as_csv([ACME, BAD]))
    header, line, *rest = (await importer.text(f"{path}/errors")).splitlines()

    assert (counters, rest) == ({"created": 1, "failed": 1}, [])
    assert header == ",".join(HEADER) + ",import_problem"
    assert line.startswith("K-3,坏行,,12,no-mail,,很多,Z,,")
    good = line.replace(",12,", ",13700137000,").replace("no-mail", "").replace("很多", "5").replace(",Z,", ",C,")
    given = await importer.give(f"{header}\n{good}\n".encode())
    assert [column["field"] for column in given["columns"]][-1] is None
    _, counters = await importer.imported(f"{header}\n{good}\n".encode())
    assert counters == {"created": 1}


async def test_an_import_is_taken_back_but_for_what_was_edited_since(importer: Importer) -> None:
    old = ["K-9", "老客户公司", "", "13600136000", "", "北京", "10", "C", ""]
    await importer.imported(as_csv([old]))
    (known,) = await importer.customers()
    path, counters = await importer.imported(
        as_csv([[*old[:3], "13500135000", "x@example.com", *old[5:6], "11", *old[7:]], ACME, HUA])
    )
    assert counters == {"updated": 1, "created": 2}
    (acme,) = (await importer.get("/v1/customers?filter=name == '上海观心科技有限公司'"))["items"]
    edited = await importer.client.patch(
        f"/v1/customers/{acme['id']}", json={"grade": "D"}, headers={"if-match": '"1"'}
    )
    assert edited.status_code == 200
    undone = await importer.done(path, "undo")

    assert undone["counters"] == {"restored": 1, "removed": 1, "conflict": 1}
    (conflict,) = [one for one in await importer.results(undone["id"]) if one["outcome"] == "conflict"]
    assert (conflict["subject_id"], conflict["problem"]["code"]) == (acme["id"], "edited_since")
    left = {one["name"]: one for one in await importer.customers()}
    assert left.keys() == {"老客户公司", "上海观心科技有限公司"}
    ours = ("updated_at", "version")
    assert {name: value for name, value in left["老客户公司"].items() if name not in ours} == {
        name: value for name, value in known.items() if name not in ours
    }
    assert (await importer.get(path))["status"] == "undone"
