"""A real system: every part its own process, started and stopped by the command line."""

import asyncio
import csv
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_runtime.demo.api import Api
from crm_runtime.demo.partners import Partners
from crm_runtime.demo.seed import MAPPING_FILE, write_company
from crm_runtime.demo.story import Ending, Story, won_deals
from tests.real_system import ROOT, RealSystem, running_system

REAL_DATA = ROOT.parent / "shared" / "data" / "crm_sales_maven"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSystem]:
    """A system with the demonstration's tenant and nothing in it."""
    with running_system(tmp_path_factory.mktemp("system")) as system:
        yield system


@pytest.fixture(scope="session")
async def partners(system: RealSystem) -> Partners:
    """The programs of others, with the demonstration's API key."""
    tenants = await system.rows("gateway", "SELECT id FROM tenants WHERE slug = 'demo'")
    return Partners(
        examples=ROOT / "examples",
        home=system.folder / "partners",
        gateway_url=system.gateway_url,
        kafka=system.state.kafka_bootstrap,
        api_key=system.secrets["demo_api_key"],
        tenant_id=str(tenants[0]["id"]),
    )


@pytest.fixture(scope="session")
async def api(system: RealSystem) -> AsyncIterator[Api]:
    """The public API, with the demonstration's API key."""
    async with Api(system.gateway_url, system.secrets["demo_api_key"]) as api:
        yield api


VICTIMS = (
    *("sales-svc", "sales-svc-worker", "project-svc-worker", "gateway", "broker", "analytics-svc-worker"),
    *("postgres", "customer-svc", "service-desk-svc-worker", "gateway-worker"),
)
"""One of each kind of process, and some more."""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Files and mapping: the real data set, or an invented company where it is absent."""
    mapping = ROOT / "examples" / "partner_import" / "maven.toml"
    if REAL_DATA.is_dir():
        return REAL_DATA, mapping
    folder = tmp_path_factory.mktemp("company")
    write_company(folder, mapping, today=datetime.now(UTC).date())
    return folder, folder / MAPPING_FILE


@pytest.fixture(scope="session")
def deals(company: tuple[Path, Path]) -> list[dict[str, str]]:
    with (company[0] / "sales_pipeline.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
async def ending(
    system: RealSystem, partners: Partners, api: Api, company: tuple[Path, Path], deals: list[dict[str, str]]
) -> Ending:
    """The company is loaded while its processes are killed; then the story is played."""
    data, mapping = company
    errors = system.folder / "errors.csv"
    begun = asyncio.Event()

    def progress(name: str, done: int, _: int) -> None:
        if name == "opportunities" and done:
            begun.set()

    async def kill() -> None:
        await begun.wait()
        await system.end_each(VICTIMS, signal.SIGKILL)

    async with partners.taking_part():
        killing = asyncio.create_task(kill())
        partners.home.mkdir(exist_ok=True)
        await partners.load(data, mapping, errors, progress)
        await killing
        ending = await Story(api, partners, print).play(won_deals(data))
    assert errors.read_text(encoding="utf-8").splitlines() == ["load,file,row,reason"]
    assert len(deals) > 0
    return ending
