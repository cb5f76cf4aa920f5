"""`crm logs`: what a process wrote."""

import time
from pathlib import Path
from typing import Annotated

import typer

from crm_runtime.child import last_lines, log_size
from crm_runtime.cli.output import DEFAULT_DATA_DIR, DataDir, console
from crm_runtime.errors import RuntimeProblem

_FOLLOW_SECONDS = 0.2


def logs(
    name: Annotated[str, typer.Argument(help="Process, such as gateway, postgres or one from crm status.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show the last lines of a process's log."""
    folder = data_dir / "logs"
    log_file = folder / f"{name}.log"
    if not log_file.is_file() or log_file.parent != folder:
        known = ", ".join(sorted(path.stem for path in folder.glob("*.log"))) or "none yet"
        raise RuntimeProblem(f"There is no log of {name!r} in {folder}; there are: {known}.")
    position = log_size(log_file)
    for line in last_lines(log_file, lines) if lines else ():
        typer.echo(line)
    while follow:
        position = _print_since(log_file, position)
        console.file.flush()
        time.sleep(_FOLLOW_SECONDS)


def _print_since(log_file: Path, position: int) -> int:
    size = log_size(log_file)
    if size < position:
        # It was rotated: the file begins anew.
        position = 0
    if size > position:
        with log_file.open("rb") as log:
            log.seek(position)
            typer.echo(log.read(size - position).decode("utf-8", errors="replace"), nl=False)
    return size
