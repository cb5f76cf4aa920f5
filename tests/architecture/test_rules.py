import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tools.rules import conduct, imports, persistence, processes, registration, repository
from tools.rules.base import FileRule
from tools.rules.catalogue import FILE_RULES, REPOSITORY_RULES, findings
from tools.rules.source import SourceFile

SERVICE = "services/planted-svc/src/planted_svc/orders/service.py"
ENDPOINTS = "services/planted-svc/src/planted_svc/orders/endpoints.py"
REPOSITORY = "services/planted-svc/src/planted_svc/orders/repository.py"
PLATFORM = "shared/platform/src/crm_platform/planted.py"
RUNTIME = "shared/runtime/src/crm_runtime/planted.py"
CONTRACTS = "shared/contracts/src/crm_contracts/planted/v1.py"
TEST = "services/planted-svc/tests/planted_svc_tests/test_orders.py"
SLICES = ("orders", "invoices")

BROKEN: list[tuple[FileRule, str, str, list[int]]] = [
    (persistence.NoCommit(), SERVICE, "async def place(unit):\n    await unit.connection.commit()\n", [2]),
    (persistence.StatementsInRepository(), SERVICE, "from sqlalchemy import select\n", [1]),
    (persistence.StatementsInRepository(), ENDPOINTS, "import sqlalchemy as sa\n", [1]),
    (persistence.StatementsInRepository(), SERVICE, "from crm_platform.db import Query, Connection\n", [1]),
    (persistence.ConnectInPlatform(), SERVICE, "import asyncpg\nx = asyncpg.connect('')\n", [2]),
    (persistence.ConnectInPlatform(), PLATFORM, "from asyncpg import create_pool as pool\nx = pool('')\n", [2]),
    (
        persistence.ConnectInPlatform(),
        SERVICE,
        "from sqlalchemy.ext.asyncio import create_async_engine\nx = create_async_engine('')\n",
        [2],
    ),
    (processes.ClockOnly(), SERVICE, "from datetime import UTC, datetime\nnow = datetime.now(UTC)\n", [2]),
    (
        processes.ClockOnly(),
        SERVICE,
        "import datetime as dt\nnow = dt.datetime.utcnow()\ntoday = dt.date.today()\n",
        [2, 3],
    ),
    (
        processes.ClockOnly(),
        PLATFORM,
        "import time\nfrom dataclasses import field\nat = field(default_factory=time.time)\n",
        [3],
    ),
    (processes.NoBlockingSleep(), SERVICE, "from time import sleep\nsleep(1)\n", [2]),
    (processes.NoBlockingSleep(), TEST, "import time\ntime.sleep(1)\n", [2]),
    (processes.KeepTasks(), PLATFORM, "import asyncio\nasyncio.create_task(work())\n", [2]),
    (processes.KeepTasks(), PLATFORM, "import asyncio\n_ = asyncio.ensure_future(work())\n", [2]),
    (processes.KeepTasks(), RUNTIME, "import asyncio\nasyncio.get_running_loop().create_task(work())\n", [2]),
    (processes.KeepTasks(), RUNTIME, "async def start(loop):\n    loop.create_task(work())\n", [2]),
    (processes.NoBaseHttpMiddleware(), PLATFORM, "from starlette.middleware.base import BaseHTTPMiddleware\n", [1]),
    (processes.NoBaseHttpMiddleware(), SERVICE, "@app.middleware('http')\nasync def see(request, next): ...\n", [1]),
    (imports.NoDeferredImport(), SERVICE, "def place():\n    from crm_platform.ids import new_id\n", [2]),
    (imports.NoDeferredImport(), TEST, "async def test():\n    import customer_svc.main\n", [2]),
    (imports.SiblingByService(), SERVICE, "from planted_svc.invoices.models import invoices\n", [1]),
    (imports.SiblingByService(), SERVICE, "from planted_svc.invoices import repository\n", [1]),
    (imports.SiblingByService(), SERVICE, "from planted_svc import invoices\n", [1]),
    (imports.SiblingByService(), SERVICE, "import planted_svc.invoices.endpoints\n", [1]),
    (imports.SiblingByService(), SERVICE, "from ..invoices.errors import Unpaid\n", [1]),
    (imports.ContractsAlone(), CONTRACTS, "import fastapi\nfrom crm_platform.ids import new_id\n", [1, 2]),
    (
        imports.AnnotationsAtRunTime(),
        ENDPOINTS,
        "from __future__ import annotations\nfrom fastapi import APIRouter\n",
        [1],
    ),
    (conduct.NoHttpException(), ENDPOINTS, "from fastapi import HTTPException\n", [1]),
    (conduct.NoHttpException(), SERVICE, "import fastapi\nraise fastapi.HTTPException(404)\n", [2]),
    (conduct.NoMocks(), TEST, "from unittest.mock import AsyncMock\nimport unittest.mock\n", [1, 2]),
    (conduct.NoMocks(), TEST, "def test(mocker): ...\n", [1]),
    (
        conduct.NoMocks(),
        TEST,
        "from customer_svc import main\n\ndef test(monkeypatch):\n    monkeypatch.setattr(main, 'x', 1)\n",
        [4],
    ),
    (
        conduct.NoMocks(),
        TEST,
        "def test(monkeypatch):\n    monkeypatch.setattr('crm_platform.ids.new_id', None)\n",
        [2],
    ),
    (conduct.ShortFunction(), SERVICE, "def long():\n" + "    x = 1\n" * conduct.MAX_FUNCTION, [1]),
    (conduct.ShortFile(), SERVICE, "x = 1\n" * (conduct.MAX_FILE + 1), [1]),
]

FINE: list[tuple[FileRule, str, str]] = [
    (
        persistence.NoCommit(),
        "shared/platform/src/crm_platform/db/database.py",
        "async def f(c):\n    await c.commit()\n",
    ),
    (persistence.StatementsInRepository(), REPOSITORY, "from sqlalchemy import select\n"),
    (
        persistence.ConnectInPlatform(),
        "shared/platform/src/crm_platform/db/database.py",
        "import asyncpg\nasyncpg.connect('')\n",
    ),
    (persistence.ConnectInPlatform(), TEST, "import asyncpg\nasyncpg.connect('')\n"),
    (processes.ClockOnly(), "shared/platform/src/crm_platform/clock.py", "import datetime\ndatetime.datetime.now()\n"),
    (processes.ClockOnly(), SERVICE, "import time\nbegan = time.monotonic()\n"),
    (processes.ClockOnly(), SERVICE, "calendar = 1\nprint(calendar.now())\n"),
    (processes.NoBlockingSleep(), RUNTIME, "import time\ntime.sleep(0.1)\n"),
    (processes.KeepTasks(), PLATFORM, "import asyncio\ntask = asyncio.create_task(work())\n"),
    (processes.KeepTasks(), PLATFORM, "async def f(parts):\n    parts.create_task(work())\n"),
    (imports.NoDeferredImport(), SERVICE, "def f():\n    import json\n"),
    (
        imports.SiblingByService(),
        "services/planted-svc/src/planted_svc/tokens/issuer.py",
        "from planted_svc.orders.models import orders\n",
    ),
    (imports.SiblingByService(), SERVICE, "from planted_svc.invoices import service as invoices\n"),
    (
        imports.SiblingByService(),
        SERVICE,
        "from planted_svc.invoices.service import send\nimport planted_svc.metadata\n",
    ),
    (imports.SiblingByService(), SERVICE, "from planted_svc.invoices.domain import Invoice\n"),
    (
        imports.SiblingByService(),
        SERVICE,
        "from planted_svc.orders import repository\nfrom planted_svc.fields import Name\n",
    ),
    (
        imports.SiblingByService(),
        "services/planted-svc/src/planted_svc/slices.py",
        "from planted_svc.orders import endpoints\n",
    ),
    (
        imports.ContractsAlone(),
        CONTRACTS,
        "import enum\nfrom pydantic import BaseModel\nfrom crm_contracts.base import Money\n",
    ),
    (imports.AnnotationsAtRunTime(), SERVICE, "from __future__ import annotations\nimport json\n"),
    (conduct.NoHttpException(), PLATFORM, "from starlette.exceptions import HTTPException\n"),
    (
        conduct.NoMocks(),
        TEST,
        "import os\n\ndef test(monkeypatch):\n    monkeypatch.setattr(os, 'x', 1)\n    monkeypatch.setenv('A', 'b')\n",
    ),
    (conduct.ShortFunction(), SERVICE, "def short():\n" + "    x = 1\n" * (conduct.MAX_FUNCTION - 1)),
    (conduct.ShortFile(), SERVICE, "x = 1\n" * conduct.MAX_FILE),
]


def lines(rule: FileRule, path: str, text: str) -> list[int]:
    return [finding.line for finding in rule.check(SourceFile(Path(path), text, slices=SLICES))]


@pytest.mark.parametrize(("rule", "path", "text", "expected"), BROKEN, ids=[rule.id for rule, *_ in BROKEN])
def test_a_planted_violation_is_found(rule: FileRule, path: str, text: str, expected: list[int]) -> None:
    assert lines(rule, path, text) == expected


@pytest.mark.parametrize(("rule", "path", "text"), FINE, ids=[rule.id for rule, *_ in FINE])
def test_what_is_allowed_is_left_alone(rule: FileRule, path: str, text: str) -> None:
    assert lines(rule, path, text) == []


def test_every_file_rule_has_a_planted_violation() -> None:
    assert {rule.id for rule in FILE_RULES} == {rule.id for rule, *_ in BROKEN}


def test_rules_have_different_ids() -> None:
    ids = [rule.id for rule in FILE_RULES] + [rule.id for rule in REPOSITORY_RULES]
    assert len(ids) == len(set(ids))


def test_generated_migrations_may_be_long() -> None:
    path = "services/planted-svc/src/planted_svc/migrations/versions/0001_first.py"
    assert lines(conduct.ShortFile(), path, "x = 1\n" * 1000) == []


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# allow no-blocking-sleep: polls a file with a deadline", []),
        ("# allow no-blocking-sleep:", [2]),
        ("# allow keep-tasks: some reason", [2]),
    ],
)
def test_a_line_may_break_a_rule_only_with_a_reason(comment: str, expected: list[int]) -> None:
    assert lines(processes.NoBlockingSleep(), TEST, f"import time\ntime.sleep(1)  {comment}\n") == expected


def test_a_slice_that_is_not_registered_is_found(tmp_path: Path) -> None:
    package = plant_service(tmp_path)
    for name in ("orders", "invoices", "payments"):
        plant(package / name / "__init__.py", "")
        plant(package / name / "endpoints.py", "router = None\n")
    plant(package / "payments" / "consumers.py", "")
    plant(
        package / "slices.py",
        """
        from planted_svc.orders import endpoints
        from planted_svc.payments.endpoints import router
        """,
    )
    found = {finding.message for finding in registration.SlicesRegistered().check(tmp_path)}
    assert found == {
        "planted_svc.invoices.endpoints is not registered here",
        "planted_svc.payments.consumers is not registered here",
    }


def test_a_service_without_a_list_of_slices_is_found(tmp_path: Path) -> None:
    plant_service(tmp_path)
    found = [finding.message for finding in registration.SlicesRegistered().check(tmp_path)]
    assert found == ["there is no planted_svc/slices.py"]


def test_an_event_that_is_only_consumed_or_imported_counts_as_never_published(tmp_path: Path) -> None:
    saving = tmp_path / "shared" / "platform" / "src" / "crm_platform" / "saved_views"
    plant(tmp_path / "shared" / "platform" / "pyproject.toml", '[project]\nname = "crm-platform"\n')
    plant(saving.parent / "__init__.py", "")
    plant(saving / "service.py", "publish(SavedViewCreated, SavedViewUpdated)\n")
    customers, sales = plant_service(tmp_path, "customer-svc"), plant_service(tmp_path, "sales-svc")
    plant(customers / "slices.py", "from crm_platform.saved_views.tables import SAVED_VIEWS\n")
    plant(
        sales / "slices.py",
        """
        from crm_contracts.sales.v1 import OpportunityCreated, OrderMoved, OrderPlaced
        Reference(ORDERS, OrderMoved)
        Consumer(OrderPlaced, on_order)
        """,
    )
    found = {finding.message for finding in registration.EventsProduced().check(tmp_path)}

    told = {message.split()[3] for message in found}
    assert {"opportunity.created", "order.placed", "saved_view.deleted"} <= told
    assert not {"order.moved", "saved_view.created", "saved_view.updated"} & told


def test_two_packages_of_one_name_are_found(tmp_path: Path) -> None:
    for name in ("first-svc", "second-svc"):
        folder = tmp_path / "services" / name
        plant(folder / "pyproject.toml", f'[project]\nname = "{name}"\n')
        plant(folder / "src" / name.replace("-", "_") / "__init__.py", "")
        plant(folder / "tests" / "order_tests" / "__init__.py", "")
    found = [str(finding) for finding in repository.UniquePackages().check(tmp_path)]
    place = "tests/order_tests"
    assert found == [f"services/second-svc/{place}:1: unique-packages: order_tests is also services/first-svc/{place}"]


def test_a_test_outside_of_a_package_is_found(tmp_path: Path) -> None:
    plant(tmp_path / "tests" / "e2e" / "test_story.py", "")
    plant(tmp_path / "tests" / "architecture" / "__init__.py", "")
    found = [finding.path for finding in repository.TestPackages().check(tmp_path)]
    assert found == ["tests/e2e/test_story.py"]


@pytest.mark.parametrize(
    ("name", "line", "broken"),
    [
        ("notes.md", "see /" + "work/main/docs", True),
        ("notes.md", "in /" + "root/.cache", True),
        ("notes.md", "in /home/" + "ada/guanxi", True),
        ("setup.sh", "pip install -i https://pypi" + ".org/simple x", True),
        ("all.lock", "x @ https://example" + ".net/x.whl", True),
        ("notes.md", "https://example" + ".net", False),
        ("notes.md", "GET /workflows, /rooted, shared/" + "work/main", False),
        ("notes.md", "~/" + "work/x", False),
        ("image.bin", "/" + "work/main", False),
    ],
)
def test_files_that_fit_one_machine_only_are_found(tmp_path: Path, name: str, line: str, *, broken: bool) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    plant(tmp_path / name, f"first line\n{line}\n")
    plant(tmp_path / ".gitignore", "ignored/\n")
    plant(tmp_path / "ignored" / "x.md", "/" + "work/main")
    found = [(finding.path, finding.line) for finding in repository.PortableFiles().check(tmp_path)]
    assert found == ([(name, 2)] if broken else [])


def test_a_finding_says_where_and_why(tmp_path: Path) -> None:
    planted = plant_service(tmp_path) / "orders" / "service.py"
    plant(planted, "import time\n\ntime.sleep(1)\n")
    (found,) = findings(tmp_path, [planted.relative_to(tmp_path)])
    assert str(found) == (
        "services/planted-svc/src/planted_svc/orders/service.py:3: no-blocking-sleep: "
        "wait for the thing itself, with a deadline; never with time.sleep"
    )


def plant_service(root: Path, name: str = "planted-svc") -> Path:
    plant(root / "services" / name / "pyproject.toml", f'[project]\nname = "{name}"\n')
    return root / "services" / name / "src" / name.replace("-", "_")


def plant(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
