"""The program `crm`, for a system of two fake deployables on the ports given in `$FAKE_PORTS`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from crm_runtime.cli.app import main
from crm_runtime.cli.extensions import Ready
from crm_runtime.cli.installation import Installation
from crm_runtime.program import Commands
from crm_runtime.topology import Deployable, Kind, Topology

PROGRAM = str(Path(__file__).with_name("fake_program.py"))


def fake_topology(ports: list[int]) -> Topology:
    """A gateway and one service, with roles that no other test running now has."""
    front, alpha = (f"{name}_{ports[0]}" for name in ("front", "alpha"))
    return Topology(
        deployables=(
            Deployable(name="front", package=front, kind=Kind.GATEWAY, api_port=ports[0], worker_port=ports[1]),
            Deployable(name="alpha-svc", package=alpha, kind=Kind.SERVICE, api_port=ports[2], worker_port=ports[3]),
        ),
        postgres_port=ports[4],
        broker_port=ports[5],
    )


def fake_commands(*, launcher: bool = False) -> Commands:
    """Every process is the fake program, started alone or by the launcher."""
    if launcher:
        start: tuple[str, ...] = (sys.executable, "-m", "fake_program")
    else:
        # -S -E: nothing of site-packages is needed, and so it starts in a fraction of the time.
        start = (sys.executable, "-S", "-E", PROGRAM)
    return Commands(
        shared_modules=("fake_program",) if launcher else (),
        migrate=(*start, "migrate"),
        serve=(*start, "serve"),
        work=(*start, "work"),
    )


async def sign_in(ready: Ready) -> Sequence[tuple[str, str]]:
    """What a demonstration would add to the summary."""
    return [("Sign-in", f"demo@example.com story={ready.story}")]


if __name__ == "__main__":
    main(
        Installation(
            topology=fake_topology([int(port) for port in os.environ["FAKE_PORTS"].split(",")]),
            commands=fake_commands(launcher=os.environ.get("FAKE_LAUNCHER") == "1"),
            program=(sys.executable, __file__),
            ready_seconds=60.0,
            durable=False,
            after_ready=("fake_crm:sign_in",),
        )
    )
