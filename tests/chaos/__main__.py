"""``python -m tests.chaos --faults 200 --seed 1``: the long run, with its figures and a verdict on each promise."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.ledger import Ledger
from tests.chaos.report import convergence, lines, takeover_lines, takeover_verdicts
from tests.chaos.rig import rigged
from tests.chaos.run import Chaos, Run
from tests.chaos.schedule import schedule
from tests.chaos.takeover import Takeover, measure
from tests.chaos.writer import RATE
from tests.real_system import RealSystem, running_system

SETTINGS = {"CRM_LIMITS__REQUESTS_PER_MINUTE": "1000000", "CRM_LOG__REQUESTS": "false"}
"""The writer is one caller with the load of many; its requests need no line each."""


async def chaos(system: RealSystem, faults: int, seed: int, rate: float, rounds: int) -> tuple[Run, list[Takeover]]:
    """Run on a system that has just been started, and measure takeovers once it is at rest."""
    async with rigged(system) as rig:
        plan = schedule(seed, faults, rig.victims())
        chaos = Chaos(rig, Ledger())
        run = await chaos.run(plan, seed=seed, rate=rate)
        return run, await measure(chaos, rounds) if not run.findings() else []


def tell(text: str) -> None:
    """Show something at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Entry point; 0 when every promise was kept."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--takeovers", type=int, default=3, help="rounds in which takeovers are measured afterwards")
    parser.add_argument("--rate", type=float, default=RATE, help="changes a second that are asked for")
    arguments = parser.parse_args()
    tell(f"make chaos FAULTS={arguments.faults} SEED={arguments.seed} repeats this run")
    folder = Path(tempfile.mkdtemp(prefix="crm-chaos-"))
    folder.chmod(0o711)
    with running_system(folder, **SETTINGS) as system:
        run, takeovers = asyncio.run(
            chaos(system, arguments.faults, arguments.seed, arguments.rate, arguments.takeovers)
        )
    verdicts = [*run.verdicts, convergence(run), *takeover_verdicts(takeovers)]
    tell("\n".join((*lines(run, verdicts), *takeover_lines(takeovers))))
    if all(verdict.kept for verdict in verdicts):
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    run.ledger.save(folder / "ledger.jsonl")
    for name, dump in run.dumps.items():
        (folder / f"{name}.tasks").write_text(dump, encoding="utf-8")
    tell(f"ledger and logs are in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
