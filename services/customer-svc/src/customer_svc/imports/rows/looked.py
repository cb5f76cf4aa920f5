"""What was told of the rows of a portion before its turn, beside the writing of the one before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crm_platform.context import Caller
from crm_platform.words import Words
from customer_svc.duplicates.service import Candidate, Packed
from customer_svc.imports.rows.plans import Alike

_TOLD_REASONS = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What was told of one row.

    Attributes:
        alike: The customer who is probably the same; None for nobody.
        compared: All whom it was compared with.
        wanted: The keys under which these were looked for.
        filed: The keys under which a new customer is filed.
    """

    alike: Alike | None
    compared: tuple[UUID, ...]
    wanted: Packed
    filed: Packed


@dataclass(frozen=True, slots=True)
class Looked:
    """What was told of a portion.

    Attributes:
        caller: On whose behalf; others may see other customers.
        among: The rows of the portion that are probably the same as others, by the ids that their customers would
            have: those before them, the likeliest first.
        behind: The row behind which nothing was written yet when it was looked.
        rows: By the numbers of those rows that were probably new; none in a dry run, where others count.
    """

    caller: Caller
    among: Mapping[UUID, Sequence[Alike]]
    behind: int = 0
    rows: Mapping[int, Look] = field(default_factory=dict)


def alike_of(candidate: Candidate) -> Alike:
    """A candidate as rows are told of it."""
    found = [reason.text for reason in candidate.match.reasons if reason.bits > 0][:_TOLD_REASONS]
    because = Words("; ".join(words.en for words in found), "；".join(words.zh for words in found))
    return Alike(candidate.id, candidate.match.score, because)
