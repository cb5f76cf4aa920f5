"""`crm doctor`: is this machine ready, and if not, what to do."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from crm_runtime.checks import Patient, Verdict, examine
from crm_runtime.cli.installation import installation_of
from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console

_MARKS = {Verdict.GOOD: "[green]ok[/green]", Verdict.WARNING: "[yellow]warning[/yellow]", Verdict.BAD: "[red]bad[/red]"}


def doctor(
    context: typer.Context,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    port_offset: Annotated[int, typer.Option(help="The offset that crm up will be given.")] = 0,
) -> None:
    """Examine Python, wheels, ports, disk and data folder; exit code 1 when something is bad."""
    topology = installation_of(context).topology
    findings = list(examine(Patient(data_dir, topology.shifted(port_offset))))
    table = Table()
    for name in ("what", "verdict", "found", "what to do"):
        table.add_column(name, overflow="fold")
    for finding in findings:
        table.add_row(finding.subject, _MARKS[finding.verdict], escape(finding.found), escape(finding.advice))
    console.print(table)
    bad = sum(finding.verdict is Verdict.BAD for finding in findings)
    if bad:
        console.print(f"[red]{bad} of {len(findings)} checks failed.[/red]")
        raise typer.Exit(1)
    console.print("[green]This machine is ready.[/green]")
