"""Imports over HTTP, worked at by a worker in this process."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from crm_platform.context import Caller
from crm_platform.testing.plugin import RunningService
from crm_platform.testing.waiting import until

HEADER = ("编号", "公司名称", "统一社会信用代码", "联系电话", "邮箱", "城市", "员工数", "客户等级", "标签")
FIELDS = ("external_id", "name", "registration_id", "phone", "email", "city", "employees", "grade", "tags")


def as_csv(rows: Sequence[Sequence[object]], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """A CSV file as spreadsheets write it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode(encoding)


def mapping(columns: Mapping[str, str] | None = None, **choices: Any) -> dict[str, Any]:
    """A mapping of columns to fields; that of :data:`HEADER` unless others are given."""
    pairs = columns or dict(zip(HEADER, FIELDS, strict=True))
    special = {"tags": {"separator": "、"}}
    mapped = [{"column": column, "field": field} | special.get(field, {}) for column, field in pairs.items()]
    return {"columns": mapped, "system": "erp"} | choices


@dataclass(frozen=True)
class Importer:
    """Imports of one caller."""

    service: RunningService
    who: Caller
    client: httpx.AsyncClient

    @property
    def folder(self) -> Path:
        """Where the service keeps files."""
        return Path(self.service.settings.objects.url.removeprefix("file:")).parent

    async def give(self, content: bytes, *, name: str = "客户.csv", kind: str = "text/csv") -> dict[str, Any]:
        """Upload a file."""
        headers = {"content-type": kind}
        params = {"file_name": name}
        found: dict[str, Any] = await self._asked(
            "POST", "/v1/imports", 201, params=params, content=content, headers=headers
        )
        return found

    async def mapped(self, content: bytes, **choices: Any) -> str:
        """Upload a file and map it; returns the import's path."""
        found = await self.give(content)
        body = choices.pop("body", None) or mapping(**choices)
        path = f"/v1/imports/{found['id']}"
        await self._asked("PUT", f"{path}/mapping", 200, json=body, headers={"if-match": f'"{found["version"]}"'})
        return path

    async def done(self, path: str, action: str, expect: str = "succeeded") -> dict[str, Any]:
        """Check, run or undo an import to its end; returns the operation."""
        begun = await self._asked("POST", f"{path}/{action}", 202)
        return await self.ended(begun["id"], expect)

    async def ended(self, operation: str, expect: str = "succeeded") -> dict[str, Any]:
        """An operation once it has come to its end."""

        async def over() -> dict[str, Any] | None:
            found = await self.get(f"/v1/operations/{operation}")
            return found if found["finished_at"] else None

        found = await until(over)
        assert found is not None
        assert found["status"] == expect, found
        return found

    async def reaches(self, operation: str, status: str) -> dict[str, Any]:
        """An operation once it has this status."""

        async def reached() -> dict[str, Any] | None:
            found = await self.get(f"/v1/operations/{operation}")
            return found if found["status"] == status else None

        found = await until(reached)
        assert found is not None
        return found

    async def imported(self, content: bytes, **choices: Any) -> tuple[str, dict[str, int]]:
        """Give, map and run; returns the path and what became of the rows."""
        path = await self.mapped(content, **choices)
        counters: dict[str, int] = (await self.done(path, "run"))["counters"]
        return path, counters

    async def results(self, operation: str) -> list[dict[str, Any]]:
        """What became of single rows."""
        found = await self.get(f"/v1/operations/{operation}/results?limit=200")
        items: list[dict[str, Any]] = found["items"]
        return items

    async def get(self, path: str) -> dict[str, Any]:
        """Ask for something."""
        found: dict[str, Any] = await self._asked("GET", path, 200)
        return found

    async def customers(self) -> list[dict[str, Any]]:
        """All customers, by name."""
        items: list[dict[str, Any]] = (await self.get("/v1/customers?limit=200&sort=name"))["items"]
        return items

    async def sql(self, statement: str) -> list[Any]:
        """Rows of this caller's tenant; ``statement`` ends in a condition."""
        return await self.service.sql(f"{statement} AND tenant_id = $1", self.who.tenant_id)

    async def text(self, path: str) -> str:
        """A file as text."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.content.decode("utf-8-sig")

    async def report(self, path: str) -> list[dict[str, str]]:
        """The lines of an import's report."""
        return list(csv.DictReader(io.StringIO(await self.text(f"{path}/report"))))

    async def _asked(self, method: str, path: str, status: int, **options: Any) -> Any:
        answer = await self.client.request(method, path, **options)
        assert answer.status_code == status, answer.text
        return answer.json()
