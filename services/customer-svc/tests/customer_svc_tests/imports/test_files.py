"""Files as people and programs leave them behind: encodings, formats, parts, dirt, malice."""

from pathlib import Path

import pytest

from customer_svc_tests.imports.support import Importer, as_csv, mapping

DATA = Path(__file__).parents[6] / "shared" / "data"
MAVEN, CARDS = DATA / "crm_sales_maven" / "accounts.csv", DATA / "vcards"
ROW = ["K-1", "上海观心科技有限公司", "", "１３８００１３８０００", "", "上海", "１２", "Ａ", ""]  # noqa: RUF001


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
async def test_encodings_are_found_out_and_widths_folded(importer: Importer, encoding: str) -> None:
    given = await importer.give(as_csv([ROW] * 3, encoding=encoding))
    _, counters = await importer.imported(as_csv([ROW], encoding=encoding))

    assert [column["field"] for column in given["columns"]] == [
        *("external_id", "name", "registration_id", "phone", "email", "city", "employees", "grade", "tags")
    ]
    assert counters == {"created": 1}
    (made,) = await importer.customers()
    assert (made["name"], made["phone"], made["employees"], made["grade"]) == (ROW[1], "+8613800138000", 12, "A")


async def test_ragged_rows_are_told_and_the_others_go_on(importer: Importer) -> None:
    content = as_csv([ROW]) + "K-2,短行\r\n".encode() + as_csv([["K-3", "末行", *[""] * 7]]).split(b"\r\n", 1)[1]
    path, counters = await importer.imported(content)

    assert counters == {"created": 2, "failed": 1}
    (line,) = [one for one in (await importer.text(f"{path}/report")).splitlines() if ",failed," in one]
    assert line == "3,failed,,row_refused,Row 3: The row has 2 cells; the header has 9.,"


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "text/csv", 422, "unreadable_file"),
        (b"%PDF-1.7 ...", "text/csv", 422, "unreadable_file"),
        (b"a,b\n1,2\n", "image/png", 415, "unsupported_media_type"),
        (b"PK\x03\x04 no workbook", "application/octet-stream", 422, "unreadable_file"),
        (b"a,b\n1,2\n", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 422, "unreadable_file"),
    ],
)
async def test_what_is_no_file_of_ours_leaves_nothing_behind(
    importer: Importer, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await importer.client.post("/v1/imports", content=content, headers={"content-type": kind})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await importer.get("/v1/imports"))["items"] == []
    assert not [one for one in (importer.folder / "objects" / str(importer.who.tenant_id)).rglob("*") if one.is_file()]


async def test_a_large_file_comes_in_parts_in_any_order(importer: Importer) -> None:
    content = as_csv([[f"K-{number}", f"第 {number} 公司", *[""] * 7] for number in range(700)])
    begun = await importer.client.post("/v1/imports/in-parts", params={"file_name": "大.csv"})
    path = f"/v1/imports/{begun.json()['id']}"
    third = len(content) // 3
    parts = {1: content[:third], 2: content[third : 2 * third], 3: content[2 * third :]}
    for number in (3, 1, 1):
        given = await importer.client.put(f"{path}/parts/{number}", content=parts[number])
        assert given.status_code == 204
    empty = await importer.client.put(f"{path}/parts/1")
    early = await importer.client.post(f"{path}/complete", json={"parts": 3})
    failed = await importer.ended(early.json()["id"], "failed")
    await importer.client.put(f"{path}/parts/2", content=parts[2])
    taken = await importer.client.post(f"{path}/complete", json={"parts": 3})
    await importer.ended(taken.json()["id"])
    found = await importer.get(path)
    body, version = mapping(alike="ignore"), f'"{found["version"]}"'
    await importer.client.put(f"{path}/mapping", json=body, headers={"if-match": version})
    done = await importer.done(path, "run")

    assert (empty.status_code, empty.json()["code"]) == (422, "empty_part")
    assert failed["problem"]["code"] == "wrong_parts"
    assert (found["status"], found["size"]) == ("uploaded", len(content))
    assert done["counters"] == {"created": 700}
    assert (await importer.client.put(f"{path}/parts/4", content=b"x")).status_code == 409


@pytest.mark.skipif(not MAVEN.exists(), reason="the shared data is not on this machine")
async def test_accounts_of_a_real_sales_team(importer: Importer) -> None:
    fields = {"account": "name", "sector": "industry", "year_established": "founded_year", "employees": "employees"}
    body = mapping(fields, alike="flag")
    body["columns"].append({"column": "revenue", "field": "annual_revenue", "currency": "USD"})
    body["columns"].append({"column": "office_location", "field": "city"})
    given = await importer.give(MAVEN.read_bytes(), name="accounts.csv")
    path, counters = await importer.imported(MAVEN.read_bytes(), body=body)
    again = await importer.done(path, "run")
    undone = await importer.done(path, "undo")

    suggested = {column["name"]: column["field"] for column in given["columns"]}
    assert suggested | fields == suggested
    assert counters == {"created": 85}
    assert again["counters"] == {"unchanged": 85}
    assert undone["counters"] == {"removed": 85}
    assert await importer.customers() == []


@pytest.mark.skipif(not CARDS.exists(), reason="the shared data is not on this machine")
async def test_a_card_of_a_real_telephone(importer: Importer) -> None:
    given = await importer.give((CARDS / "John_Doe_IPHONE.vcf").read_bytes(), name="j.vcf", kind="text/vcard")
    columns = {column["name"]: column["field"] for column in given["columns"] if column["field"]}

    assert given["format"] == "vcard"
    assert {columns["fn"], columns["email.1.value"]} == {"name", "email"}
