"""One run: a writer, a schedule of faults, rest, and the check."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from crm_platform.testing.waiting import until
from tests.chaos.check import Verdict, check
from tests.chaos.client import Client
from tests.chaos.evidence import admin_connection, read_history
from tests.chaos.faults import Injector
from tests.chaos.figures import read_figures
from tests.chaos.history import History
from tests.chaos.ledger import Ledger, Outcome
from tests.chaos.rig import Rig
from tests.chaos.schedule import Fault
from tests.chaos.settling import Rest, settle, stack_dumps
from tests.chaos.writer import RATE, Writer

CONVERGENCE_GOAL = 10.0
"""Seconds after the last fault within which everything is published and consumed."""
WARM_UP = 100
"""Acknowledged changes before the first fault."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What came of it."""

    ledger: Ledger
    history: History
    faults: Sequence[Fault]
    verdicts: Sequence[Verdict]
    statuses: Counter[str]
    wrote_for: float
    """Seconds from the first to the last answer."""
    answered_after: float
    """Seconds from the end of the last fault to the last answer."""
    converged_after: float
    """Seconds from the end of the last fault until nothing was left to publish or to consume."""
    wiped: int
    """Partitions whose loss was found and healed."""
    dumps: dict[str, str]

    def findings(self, *names: str) -> list[str]:
        """Everything that speaks against the promises of these names, or against any."""
        return [text for one in self.verdicts if not names or one.name in names for text in one.findings]


@dataclass
class Chaos:
    """Writers and checks over the same system; the ledger goes on from run to run."""

    rig: Rig
    ledger: Ledger

    async def run(self, faults: Sequence[Fault], *, seed: int, rate: float = RATE) -> Run:
        """Write while `faults` happen, wait for rest, and check."""
        injector = Injector(self.rig)
        stop = asyncio.Event()
        async with self.client() as client:
            writer = Writer(client, seed=seed, me=await self._me(client), rate=rate)
            async with asyncio.TaskGroup() as together:
                together.create_task(writer.run(stop), name="writer")
                together.create_task(self._harm(injector, faults, stop), name="faults")
            over = injector.last_at or writer.stopped_at
            rest = await settle(self.rig)
            history = await self.look(client, rest)
            return Run(
                ledger=self.ledger,
                history=history,
                faults=injector.injected,
                verdicts=check(self.ledger, history),
                statuses=client.statuses,
                wrote_for=writer.stopped_at - writer.started_at,
                answered_after=max(writer.stopped_at - over, 0.0),
                converged_after=max(rest.at - over, 0.0),
                wiped=await self._healed(),
                dumps=await stack_dumps(self.rig) if rest.left else {},
            )

    def client(self) -> Client:
        """The public API, with a ledger."""
        secrets = self.rig.system.secrets
        return Client(self.rig.system.gateway_url, secrets["demo_api_key"], self.ledger)

    async def _me(self, client: Client) -> UUID:
        return UUID((await client.get("auth/me")).body["id"])

    async def _harm(self, injector: Injector, faults: Sequence[Fault], stop: asyncio.Event) -> None:
        """Let the faults happen to a system that is at work, and then let the writer stop."""
        wanted = self.ledger.acknowledged_changes() + WARM_UP

        async def warm() -> bool:
            return self.ledger.acknowledged_changes() >= wanted

        await until(warm, seconds=60)
        await injector.play(faults)
        stop.set()

    async def look(self, client: Client, rest: Rest) -> History:
        """Read everything, in one snapshot of the database."""
        async with admin_connection(self.rig.system.admin_url) as connection:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                history = await read_history(connection, unsettled=rest.left)
            return replace(history, figures=await read_figures(client, connection))

    async def _healed(self) -> int:
        async with admin_connection(self.rig.system.admin_url) as connection:
            counts = [
                await connection.fetchval(f"SELECT count(*) FROM {package}.relay_epoch")
                for package in ("customer_svc", "sales_svc", "service_desk_svc", "project_svc", "gateway")
            ]
            return sum(counts)


def outcomes(ledger: Ledger) -> Counter[str]:
    """How many writes ended in which way."""
    return Counter(Outcome.UNKNOWN if one.outcome is Outcome.INVOKED else one.outcome for one in ledger)
