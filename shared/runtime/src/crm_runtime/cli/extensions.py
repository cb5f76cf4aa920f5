"""What other modules add to the command-line program: one explicit list for each kind of addition."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from typer import Typer

from crm_runtime.system import RunningSystem


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a hook gets when `crm up` has everything running."""

    system: RunningSystem
    console: Console
    story: bool
    """False when the person asked for `--no-story`."""


Hook = Callable[[Ready], Awaitable[Sequence[tuple[str, str]]]]
"""Does something with the running system; returns lines for the summary, such as ("Sign-in", "...")."""

SUB_APPS: list[tuple[str, Typer]] = []
"""Command groups by name, such as ("audit", audit_app)."""

AFTER_READY: list[Hook] = []
"""Hooks of `crm up`, in this order."""
