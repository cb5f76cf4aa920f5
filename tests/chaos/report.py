"""Figures and verdicts of a run, for people."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.chaos.check import Verdict
from tests.chaos.healing import HEALING_GOAL
from tests.chaos.ledger import Outcome
from tests.chaos.run import CONVERGENCE_GOAL, Run, outcomes
from tests.chaos.takeover import Takeover

MOST_FINDINGS = 20
TAKEOVER_GOALS = {"kill -9": 2.0, "freeze": 8.0}
"""Seconds from the fault to the effect of changes that were made after it."""


def convergence(run: Run, *, within: float = CONVERGENCE_GOAL) -> Verdict:
    """Whether the system came to rest in time; a verdict of its own."""
    late = run.converged_after > within
    finding = f"{run.converged_after:.1f} s after the last fault"
    return Verdict("converged", f"at rest within {within:.0f} s of the last fault", [finding] if late else [])


def figures(run: Run) -> Iterator[tuple[str, str]]:
    """What was done and measured."""
    ended = outcomes(run.ledger)
    kinds = Counter(str(fault.kind) for fault in run.faults)
    refusals = Counter(f"{one.status} {one.code}" for one in run.ledger.with_outcome(Outcome.FAILED))
    changes = run.ledger.acknowledged_changes()
    yield "faults", f"{len(run.faults)}: " + _listed(kinds)
    yield "changes acknowledged", f"{changes} in {run.wrote_for:.0f} s ({changes / max(run.wrote_for, 1):.0f}/s)"
    yield "writes", _listed(ended)
    yield "attempts", str(sum(one.attempts for one in run.ledger))
    yield "refused", _listed(refusals)
    yield "answers", _listed(run.statuses)
    yield "events recorded", str(len(run.history.events()))
    yield "effects at the witness", str(len(run.history.effects))
    yield "log losses healed", f"{run.wiped} partitions"
    yield "last answer", f"{run.answered_after:.1f} s after the last fault"
    yield "converged", f"{run.converged_after:.1f} s after the last fault"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none"


def takeover_verdicts(takeovers: Sequence[Takeover]) -> list[Verdict]:
    """Whether the second copies were quick enough."""
    return [
        Verdict(
            f"{harm} takeover",
            f"another copy does the work within {goal:.0f} s",
            [f"{one.part}: {one.seconds:.1f} s" for one in takeovers if one.harm == harm and one.seconds > goal],
        )
        for harm, goal in TAKEOVER_GOALS.items()
        if takeovers
    ]


def healing_verdict(seconds: float) -> Verdict:
    """Whether a lost log was back soon enough."""
    finding = [f"{seconds:.1f} s after the loss"] if seconds > HEALING_GOAL else []
    return Verdict("healing", f"everything retained is back within {HEALING_GOAL:.0f} s of the loss", finding)


def takeover_lines(takeovers: Sequence[Takeover]) -> Iterator[str]:
    """All measurements, by what was done to which part."""
    for part, harm in sorted({(one.part, one.harm) for one in takeovers}):
        seconds = sorted(one.seconds for one in takeovers if (one.part, one.harm) == (part, harm))
        yield f"  {f'{part}, {harm}':<24} work goes on after {', '.join(f'{one:.1f}' for one in seconds)} s"


def verdict_lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Which promises were kept, and what speaks against the others."""
    for verdict in verdicts:
        mark = "kept" if verdict.kept else f"BROKEN ({len(verdict.findings)})"
        yield f"  {verdict.name:<17} {mark:<13} {verdict.promise}"
    for verdict in verdicts:
        for finding in verdict.findings[:MOST_FINDINGS]:
            yield f"  {verdict.name}: {finding}"


def lines(run: Run, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """The report of a run."""
    for name, value in figures(run):
        yield f"  {name:<24} {value}"
    yield ""
    yield from verdict_lines(verdicts)
