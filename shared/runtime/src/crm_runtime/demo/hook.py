"""What `crm up` does once everything runs: makes the demonstration's tenant, plays the story once, sums it up."""

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from crm_runtime.announcement import write_whole
from crm_runtime.cli.extensions import Ready
from crm_runtime.demo.api import Api
from crm_runtime.demo.partners import Partners, examples_folder
from crm_runtime.demo.seed import MAPPING_FILE, write_company
from crm_runtime.demo.story import PIPELINE, Deal, Ending, Story, won_deals
from crm_runtime.environment import process_environment
from crm_runtime.errors import RuntimeProblem
from crm_runtime.system import RunningSystem

TENANT = "demo"
EMAIL = "admin@guanxi.example"
TIME_ZONE = "Asia/Shanghai"
STATE_FILE = "demo.json"
Lines = list[tuple[str, str]]


async def demonstrate(ready: Ready) -> Sequence[tuple[str, str]]:
    """Make the tenant and its administrator, and play the story unless it was played before."""
    system = ready.system
    tenant_id, api_key, password = await _bootstrap(system)
    lines: Lines = [("Sign-in", f"tenant {TENANT}, {EMAIL}, password {password}")]
    if not ready.story:
        return lines
    state = _read_state(system.data_dir)
    if state is None:
        examples = examples_folder()
        data, mapping = _company(ready, examples)
        partners = Partners(
            examples=examples,
            home=system.data_dir / "partners",
            gateway_url=system.gateway_url,
            kafka=system.connections.kafka_bootstrap,
            api_key=api_key,
            tenant_id=tenant_id,
        )
        await partners.check(data, mapping)
        state = await _play(ready, partners, data, mapping)
        write_whole(system.data_dir / STATE_FILE, json.dumps(state, ensure_ascii=False))
    elif ready.data is not None and str(ready.data.absolute()) != state["data"]:
        raise RuntimeProblem(
            f"The story was played before, on the files in {state['data']}; for others take them away first "
            "(make clean), or name another --data-dir."
        )
    else:
        ready.console.print("[dim]The story was played before; its data is still there.[/dim]")
    _show(ready.console, state)
    customer = state["customer"]
    url = f"{system.gateway_url}/api/v1/customers/{customer['id']}/360"
    return [*lines, ("API key", api_key), ("The story's customer", f"{customer['name']}: {url}")]


async def _bootstrap(system: RunningSystem) -> tuple[str, str, str]:
    """The tenant, an API key for loading data, and the administrator's password."""
    gateway = system.topology.gateway
    password = system.secrets.get("demo_admin_password")
    known = system.secrets.find("demo_api_key")
    tenant_id = await _tenant_of(system.gateway_url, known) if known else None
    if known and tenant_id:
        return tenant_id, known, password
    environment = process_environment(system.topology, system.connections, gateway, port=gateway.api_port)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway.bootstrap", "--tenant", TENANT, "--name", "观心演示 / Guanxi demo"),
        *("--email", EMAIL, "--api-key", "demo", "--time-zone", TIME_ZONE),
        env={**environment, "CRM_BOOTSTRAP_PASSWORD": password, **({"CRM_BOOTSTRAP_API_KEY": known} if known else {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeProblem(
            "The demonstration's tenant cannot be made.", log_lines=tuple(err.decode().splitlines()[-10:])
        )
    answer = json.loads(out)
    system.secrets.set("demo_api_key", answer["api_key"])
    return answer["tenant_id"], answer["api_key"], password


async def _tenant_of(gateway_url: str, api_key: str) -> str | None:
    """The tenant of a key from an earlier start; None where the key does not work any more."""
    async with httpx.AsyncClient(base_url=gateway_url, timeout=10, trust_env=False) as client:
        answer = await client.get("/api/v1/auth/me", headers={"authorization": f"Bearer {api_key}"})
    return str(answer.json()["tenant_id"]) if answer.is_success else None


def _company(ready: Ready, examples: Path) -> tuple[Path, Path]:
    """The folder of the company's files, and the mapping for them."""
    mapping = examples / "partner_import" / "maven.toml"
    if ready.data is not None:
        return ready.data.absolute(), mapping
    folder = ready.system.data_dir / "seed"
    if not (folder / MAPPING_FILE).is_file():
        write_company(folder, mapping, today=datetime.now(UTC).date())
    return folder, folder / MAPPING_FILE


async def _play(ready: Ready, partners: Partners, data: Path, mapping: Path) -> dict[str, Any]:
    def tell(text: str) -> None:
        ready.console.print(f"  [cyan]•[/cyan] {escape(text)}")

    async with partners.taking_part(), _signed_in(partners) as api:
        deals = await _load(ready.console, partners, data, mapping)
        ending = await Story(api, partners, tell).play(deals)
    return _state(ending, data)


@asynccontextmanager
async def _signed_in(partners: Partners) -> AsyncIterator[Api]:
    async with Api(partners.gateway_url, partners.api_key) as api:
        yield api


async def _load(console: Console, partners: Partners, data: Path, mapping: Path) -> Sequence[Deal]:
    """Load the company's files, with a bar for each kind of record; returns the won deals among what was loaded."""
    columns = (TextColumn("  [cyan]{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    errors = partners.home / "import_errors.csv"
    with Progress(*columns, console=console) as progress:
        bars: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = progress.add_task(name, total=total)
            progress.update(bars[name], completed=done)

        await partners.load(data, mapping, errors, show)
    with errors.open(encoding="utf-8", newline="") as file:
        failed = list(csv.DictReader(file))
    if failed:
        console.print(f"  [yellow]{len(failed)} rows did not fit; they are listed in {errors}.[/yellow]")
    deals = won_deals(data, refused=frozenset(int(row["row"]) for row in failed if row["file"] == PIPELINE))
    if not deals:
        raise RuntimeProblem(f"No won deal of {data / PIPELINE} could be loaded; the story needs one.")
    return deals


def _state(ending: Ending, data: Path) -> dict[str, Any]:
    return {"data": str(data), "played_at": datetime.now(UTC).isoformat(), **asdict(ending)}


def _read_state(folder: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _show(console: Console, state: dict[str, Any]) -> None:
    """The story's figures in one table."""
    sales, deliveries, satisfaction = state["sales"], state["deliveries"], state["satisfaction"]
    table = Table(title="From the first contact to a measured outcome", title_justify="left", title_style="bold")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for stage in sales["stages"]:
        value = f" · {_amount(stage['value'])}" if stage["value"] else ""
        table.add_row(f"deals {stage['stage']}", f"{stage['count']:,}{value}")
    table.add_row("win rate", _share(sales["win_rate"]))
    for agent in [agent for agent in sales["agents"] if agent["won_value"]][:3]:
        table.add_row(f"agent {agent['agent']}", f"{agent['won']:,} won · {_amount(agent['won_value'])}")
    table.add_row("deliveries accepted", f"{deliveries['accepted']:,}")
    table.add_row("… on time", _share(deliveries["on_time_rate"]))
    table.add_row("… right the first time", _share(deliveries["first_time_right_rate"]))
    table.add_row("risks over their threshold", f"{deliveries['risks_exceeded']:,}")
    table.add_row("tickets resolved", f"{satisfaction['tickets_resolved']:,}")
    table.add_row("customer satisfaction (CSAT)", _share(satisfaction["csat"]))
    console.print(table)


def _amount(money: dict[str, str]) -> str:
    return f"{float(money['amount']):,.0f} {money['currency']}"


def _share(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"
