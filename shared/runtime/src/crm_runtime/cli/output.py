"""What the commands share: the console, the data directory option, how an error looks."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from crm_runtime.errors import RuntimeProblem

console = Console()
error_console = Console(stderr=True)

DataDir = Annotated[
    Path, typer.Option("--data-dir", help="Folder with the data, passwords and logs of one installation.")
]
DEFAULT_DATA_DIR = Path(".data")


def report(message: str) -> None:
    """One line of progress, with the time."""
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {escape(message)}")


def show_problem(problem: RuntimeProblem) -> None:
    """The one sentence, and the last words of the process that failed."""
    for line in problem.log_lines:
        error_console.print(f"  [dim]{escape(line)}[/dim]", soft_wrap=True)
    error_console.print(f"[bold red]crm:[/bold red] {escape(problem.message)}", soft_wrap=True)


def show_lines(lines: Sequence[tuple[str, str]], *, title: str) -> None:
    """Names and texts, each text in one piece, so that keys and addresses can be copied from narrow terminals too."""
    width = max((len(name) for name, _ in lines), default=0)
    console.print(f"[bold green]{escape(title)}[/bold green]")
    for name, text in lines:
        console.print(f"  [bold]{escape(name):<{width}}[/bold]  {escape(text)}", soft_wrap=True, highlight=False)
