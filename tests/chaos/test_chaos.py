"""Thirty faults against a real system under load; then the controls, on the same system, in this order."""

from collections.abc import AsyncIterator, Sequence

import pytest

from tests.chaos.check import Verdict
from tests.chaos.controls import LOST, without_fence, without_healing
from tests.chaos.ledger import Ledger, Outcome
from tests.chaos.report import convergence, lines
from tests.chaos.rig import busy_system, rigged
from tests.chaos.run import Chaos, Run
from tests.chaos.schedule import Kind, schedule

pytestmark = [pytest.mark.e2e, pytest.mark.chaos, pytest.mark.timeout(900)]

SEED = 20261126
FAULTS = 30
CONVERGED = 60.0
"""Seconds; a busy machine is no broken promise here. `make chaos` measures against the promised ten."""


@pytest.fixture(scope="module")
async def chaos(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chaos]:
    folder = tmp_path_factory.mktemp("chaos")
    with busy_system(folder) as system:
        async with rigged(system) as rig:
            yield Chaos(rig, Ledger())


@pytest.fixture(scope="module")
async def run(chaos: Chaos) -> Run:
    return await chaos.run(schedule(SEED, FAULTS, chaos.rig.victims()), seed=SEED)


@pytest.fixture(scope="module")
async def unfenced(chaos: Chaos, run: Run) -> Sequence[Verdict]:
    """The check after a loss that a witness without fence had to live through; `run` comes before."""
    assert run.findings() == []
    return await without_fence(chaos)


@pytest.fixture(scope="module")
async def unhealed(chaos: Chaos, unfenced: Sequence[Verdict]) -> Sequence[Verdict]:
    """The check after a loss that nobody heals; `unfenced` comes before."""
    assert unfenced
    return await without_healing(chaos)


async def test_thirty_faults_break_no_promise(run: Run) -> None:
    verdicts = [*run.verdicts, convergence(run, within=CONVERGED)]
    assert all(verdict.kept for verdict in verdicts), "\n".join(lines(run, verdicts))


async def test_the_run_was_worth_it(run: Run) -> None:
    assert len(run.faults) == FAULTS
    assert {fault.kind for fault in run.faults} == set(Kind)
    assert {"postgres", "broker", "gateway"} <= {fault.victim for fault in run.faults}
    assert run.wiped > 0
    done = {write.what for write in run.ledger.with_outcome(Outcome.OK)}
    assert {"create customer", "rename customer", "batch", "win opportunity", "accept delivery"} <= done
    refused = {write.code for write in run.ledger.with_outcome(Outcome.FAILED)}
    assert {"external_id_taken", "version_mismatch", "invalid_transition"} <= refused
    assert {event.type for event in run.history.events()} >= {"project.opened", "survey.sent", "customer.deleted"}


def broken(verdicts: Sequence[Verdict]) -> dict[str, list[str]]:
    return {one.name: list(one.findings) for one in verdicts if not one.kept}


async def test_without_the_fence_the_same_check_finds_doubles(run: Run, unfenced: Sequence[Verdict]) -> None:
    found = broken(unfenced)

    assert found.keys() == {"repeated", "order"}
    assert len(found["repeated"]) >= len(run.history.events()) // 2


async def test_without_healing_the_same_check_finds_what_is_lost(
    unfenced: Sequence[Verdict], unhealed: Sequence[Verdict]
) -> None:
    found, before = broken(unhealed), broken(unfenced)

    assert len([text for text in found["lost"] if "at the witness" in text]) >= LOST
    assert "lost" not in before
    assert found.keys().isdisjoint({"missing", "phantom"})


async def test_the_report_says_what_was_done(run: Run) -> None:
    text = "\n".join(lines(run, [*run.verdicts, convergence(run)]))

    assert f"faults                   {FAULTS}" in text
    assert f"{'missing':<17} kept" in text
