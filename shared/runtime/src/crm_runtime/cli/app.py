"""The program: its commands in one place, and the frame that turns errors into sentences."""

import os
import sys
from typing import Annotated

import typer

from crm_runtime.cli import audit, doctor, events, logs, seed, status, up
from crm_runtime.cli.installation import Installation
from crm_runtime.cli.output import error_console, show_problem
from crm_runtime.demo.hook import demonstrate
from crm_runtime.errors import RuntimeProblem

app = typer.Typer(
    name="crm",
    help="Runs the CRM on this machine: PostgreSQL, broker, services and gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def configure(
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False,
) -> None:
    """Runs the CRM on this machine: PostgreSQL, broker, services and gateway."""
    if debug:
        os.environ["CRM_DEBUG"] = "1"


app.command("up")(up.up)
app.command("down")(up.down)
app.command("status")(status.status)
app.command("doctor")(doctor.doctor)
app.command("logs")(logs.logs)
app.add_typer(events.app, name="events")
app.add_typer(audit.app, name="audit")
app.command("seed")(seed.seed)


def main(installation: Installation | None = None) -> None:
    """Entry point of `crm`: an expected failure ends in one sentence and its exit code."""
    try:
        app(obj=installation or Installation(after_ready=(demonstrate,)))
    except RuntimeProblem as problem:
        if os.environ.get("CRM_DEBUG"):
            raise
        show_problem(problem)
        sys.exit(problem.exit_code)
    except OSError as error:
        if os.environ.get("CRM_DEBUG"):
            raise
        where = f" ({error.filename})" if error.filename else ""
        error_console.print(f"[bold red]crm:[/bold red] {error.strerror or error}{where}", soft_wrap=True)
        sys.exit(1)
