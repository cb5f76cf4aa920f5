"""Files in which somebody stands who has been erased: they go, and an export that was under way is read anew."""

from pathlib import Path
from typing import Any

from crm_platform.testing.waiting import until
from customer_svc_tests.imports.support import Importer, as_csv

HEADER = ("编号", "姓名", "手机")
COLUMNS = dict(zip(HEADER, ("external_id", "name", "phone"), strict=True))


async def erase(importer: Importer, name: str) -> None:
    (person,) = (await importer.get(f"/v1/customers?filter=name == '{name}'"))["items"]
    request = {"subject_kind": "customer", "subject_id": person["id"]}
    request |= {"basis": "consent_withdrawn", "requester": "subject"}
    answer = await importer.client.post("/v1/erasures", json=request)
    assert answer.status_code == 201, answer.text


def files(importer: Importer) -> list[Path]:
    folder = importer.folder / "objects" / str(importer.who.tenant_id)
    return [one for one in folder.rglob("*") if one.is_file()]


async def test_files_go_after_whoever_stands_in_them(importer: Importer) -> None:
    choices: dict[str, Any] = {"columns": COLUMNS, "kind": "person"}
    about, _ = await importer.imported(as_csv([["Z-1", "陈忘川", "13800138000"]], HEADER), **choices)
    other, _ = await importer.imported(as_csv([["Z-2", "林记得", "13900139000"]], HEADER), **choices)
    begun = await importer.client.post("/v1/exports", json={"columns": ["name", "phone"]})
    exported = await importer.ended(begun.json()["id"])
    assert len((await importer.text(exported["result"]["file"])).splitlines()) == 3
    assert len(files(importer)) == 7
    await erase(importer, "陈忘川")
    await importer.service.sql("UPDATE operation_sweeps SET next_at = now() - interval '1 s'")

    async def gone() -> bool:
        return len(files(importer)) == 3

    await until(gone, seconds=60, why=lambda: files(importer))
    file = await importer.client.get(exported["result"]["file"])
    assert (file.status_code, file.json()["code"]) == (410, "file_gone")
    assert (await importer.client.get(f"{about}/report")).json()["code"] == "nothing_reported"
    assert ",created," in await importer.text(f"{other}/report")
    assert not any(b"13800138000" in one.read_bytes() for one in files(importer))
    again = await importer.done(about, "run", "failed")
    assert again["problem"]["code"] == "file_gone"
