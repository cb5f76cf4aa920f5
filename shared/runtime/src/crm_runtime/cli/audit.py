"""`crm audit`: check the record of changes."""

import asyncio
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import asyncpg
import typer
from rich.markup import escape
from rich.table import Table

from crm_platform.audit.verify import Report, verify_service
from crm_runtime.bootstrap import DATABASE, Owner, role_url
from crm_runtime.cli.installation import installation_of
from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK
from crm_runtime.run_state import RunState
from crm_runtime.secret_file import SecretFile

app = typer.Typer(help="The record of who changed what, when and why.", no_args_is_help=True)

MOST_FINDINGS = 50


@app.callback()
def audit() -> None:
    """The record of who changed what, when and why."""


@app.command()
def verify(
    context: typer.Context,
    *,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    url: Annotated[
        str | None, typer.Option(help="Database of one service, as its role, such as that of a restored copy.")
    ] = None,
    service: Annotated[str | None, typer.Option(help="Only this service; needed with --url.")] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Folder of the signed checkpoints, one folder per service in it.")
    ] = None,
) -> None:
    """Find every changed, removed or reordered entry; the services need not run."""
    folder = checkpoints or data_dir / "audit"
    # Whoever names only a database, such as a restored copy, may have no checkpoints at hand; their absence shows.
    required = checkpoints is not None or not url
    targets = {service or "": url} if url else _running(context, data_dir, service)
    if url and not service:
        raise RuntimeProblem("Say with --service which service's database that is.")
    sound = True
    table = Table("service", "tenants", "entries", "not sealed yet", "checkpoints", "verdict")
    for name, address in targets.items():
        report = _verify(str(address), name, _place(folder, name) if required or folder.exists() else None)
        sound = sound and report.sound
        verdict = "[green]sound[/green]" if report.sound else f"[red]{len(report.findings)} findings[/red]"
        table.add_row(name, *map(str, (report.tenants, report.entries, report.unsealed, report.checkpoints)), verdict)
        for finding in report.findings[:MOST_FINDINGS]:
            where = f"{name}, tenant {finding.tenant_id}, entry {finding.seq}"
            console.print(f"[red]{finding.kind}[/red] {escape(where)}: {escape(finding.detail)}", soft_wrap=True)
    console.print(table)
    if not sound:
        raise typer.Exit(1)


def _place(folder: Path, service: str) -> Path:
    """Where a service's checkpoints are: in a folder of its own, or beside those of the others."""
    return folder / service if (folder / service).is_dir() else folder


def _verify(url: str, service: str, checkpoints: Path | None) -> Report:
    try:
        return asyncio.run(verify_service(url, service, checkpoints))
    except (OSError, asyncpg.PostgresError) as error:
        place = urlsplit(url)
        raise RuntimeProblem(f"The database of {service} at {place.hostname}:{place.port}: {error}") from error


def _running(context: typer.Context, data_dir: Path, service: str | None) -> dict[str, str]:
    """The databases of the system that runs here, by service."""
    folder = data_dir.absolute()
    state = RunState.read(folder) if folder.exists() else None
    if state is None:
        raise RuntimeProblem("Nothing runs here; start it with crm up, or name a database with --url.")
    topology = installation_of(context).topology.shifted(state.port_offset)
    secrets = SecretFile.open(folder)
    admin = f"postgresql://{LOOPBACK}:{topology.postgres_port}/{DATABASE}"
    found = {
        one.name: role_url(admin, Owner(one.role, secrets.get(f"role:{one.role}")))
        for one in topology.deployables
        if service in {None, one.name, one.package}
    }
    if not found:
        raise RuntimeProblem(f"There is no service {service}.")
    return found
