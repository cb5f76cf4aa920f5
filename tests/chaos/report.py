"""Figures and verdicts of a run, for people."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos.check import Verdict
from tests.chaos.ledger import Outcome
from tests.chaos.run import CONVERGENCE_GOAL, Run, outcomes

MOST_FINDINGS = 20


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


def lines(run: Run, verdicts: list[Verdict]) -> Iterator[str]:
    """The whole report."""
    for name, value in figures(run):
        yield f"  {name:<24} {value}"
    yield ""
    for verdict in verdicts:
        mark = "kept" if verdict.kept else f"BROKEN ({len(verdict.findings)})"
        yield f"  {verdict.name:<10} {mark:<13} {verdict.promise}"
    for verdict in verdicts:
        for finding in verdict.findings[:MOST_FINDINGS]:
            yield f"  {verdict.name}: {finding}"
