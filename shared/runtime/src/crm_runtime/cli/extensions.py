"""What `crm up` offers to those who do something once everything runs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from crm_runtime.system import RunningSystem


@dataclass(frozen=True, kw_only=True)
class Ready:
    """What a hook gets when `crm up` has everything running."""

    system: RunningSystem
    console: Console
    story: bool
    """False when the person asked for `--no-story`."""
    data: Path | None = None
    """Folder of the company's files that the story is played on; None for an invented company."""


Hook = Callable[[Ready], Awaitable[Sequence[tuple[str, str]]]]
"""Does something with the running system; returns lines for the summary, such as ("Sign-in", "...")."""
