"""What the program starts: the real system, or the small one of a test."""

import sys
from dataclasses import dataclass, field

import typer

from crm_runtime.program import Commands
from crm_runtime.topology import TOPOLOGY, Topology


@dataclass(frozen=True, kw_only=True)
class Installation:
    """The topology and how its processes, and this program itself, are started."""

    topology: Topology = TOPOLOGY
    commands: Commands = field(default_factory=Commands)
    program: tuple[str, ...] = (sys.executable, "-m", "crm_runtime")
    ready_seconds: float = 90.0
    after_ready: tuple[str, ...] = ("crm_runtime.demo.hook:demonstrate",)
    """What `crm up` does once everything runs, in this order: places of hooks (`crm_runtime.cli.extensions.Hook`)."""
    durable: bool = True
    """False trades the database's safety for speed (tests only)."""


def installation_of(context: typer.Context) -> Installation:
    """The installation that `main` was called with."""
    found: Installation = context.obj
    return found
