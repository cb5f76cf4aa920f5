"""The program: its commands in one place, and the frame that turns errors into sentences."""

import os
import pkgutil
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from crm_runtime.cli.installation import Installation
from crm_runtime.cli.output import error_console, show_problem
from crm_runtime.errors import RuntimeProblem

COMMANDS = {
    "up": "crm_runtime.cli.up:up",
    "down": "crm_runtime.cli.up:down",
    "status": "crm_runtime.cli.status:status",
    "doctor": "crm_runtime.cli.doctor:doctor",
    "logs": "crm_runtime.cli.logs:logs",
    "events": "crm_runtime.cli.events:app",
    "audit": "crm_runtime.cli.audit:app",
    "seed": "crm_runtime.cli.seed:seed",
    "secrets": "crm_runtime.cli.secrets:app",
}
"""Where each command is: a function, or a Typer program with commands of its own.

They are imported when they are wanted: what one command needs must not slow down all the others.
"""


class Commands(TyperGroup):
    """The commands of the table above."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature is given
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - the signature is given
        """Import one."""
        if cmd_name not in COMMANDS:
            return None
        found = pkgutil.resolve_name(COMMANDS[cmd_name])
        if isinstance(found, typer.Typer):
            group = typer.main.get_group(found)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(found)
        return typer.main.get_command(alone)


app = typer.Typer(
    name="crm",
    cls=Commands,
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


def main(installation: Installation | None = None) -> None:
    """Entry point of `crm`: an expected failure ends in one sentence and its exit code."""
    try:
        app(obj=installation or Installation())
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
