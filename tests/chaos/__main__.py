"""``python -m tests.chaos --faults 200 --seed 1``: the long run, with its figures and a verdict on each promise."""

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.healing import measure_healing
from tests.chaos.ledger import Ledger
from tests.chaos.report import convergence, healing_verdict, lines, takeover_lines, takeover_verdicts, verdict_lines
from tests.chaos.rig import busy_system, rigged
from tests.chaos.run import Chaos, Run
from tests.chaos.schedule import schedule
from tests.chaos.takeover import measure
from tests.chaos.writer import RATE
from tests.real_system import RealSystem


async def chaos(system: RealSystem, asked: argparse.Namespace) -> bool:
    """Run on a system that has just been started, and measure takeovers once it is at rest; whether all was well."""
    async with rigged(system) as rig:
        plan = schedule(asked.seed, asked.faults, rig.victims())
        chaos = Chaos(rig, Ledger())
        run = await chaos.run(plan, seed=asked.seed, rate=asked.rate)
        verdicts = [*run.verdicts, convergence(run)]
        tell("\n".join(lines(run, verdicts)))
        if run.findings():
            keep(run, system.folder)
            return False
        takeovers = await measure(chaos, asked.takeovers)
        taken_over = takeover_verdicts(takeovers)
        tell("\n".join(("", *takeover_lines(takeovers), *verdict_lines(taken_over))))
        events, seconds = await measure_healing(rig)
        healed = healing_verdict(seconds)
        tell(f"\n  broker, wiped            {events} events are back after {seconds:.1f} s")
        tell("\n".join(verdict_lines([healed])))
        verdicts += [*taken_over, healed]
        return all(verdict.kept for verdict in verdicts)


def keep(run: Run, folder: Path) -> None:
    """Put what a person needs to understand a broken promise beside the logs."""
    run.ledger.save(folder / "ledger.jsonl")
    for name, dump in run.dumps.items():
        (folder / f"{name}.tasks").write_text(dump, encoding="utf-8")


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
    with busy_system(folder) as system:
        well = asyncio.run(chaos(system, arguments))
    if well:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    tell(f"Not all was well; ledger and logs are in {folder}.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
