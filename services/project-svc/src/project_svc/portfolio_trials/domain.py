"""Words of trials, and how large they may be."""

from enum import StrEnum

MOST_STARTS = 5
MOST_WEEKS = 104
MOST_TASKS = 5000
"""Of all projects that are levelled together."""


class Priority(StrEnum):
    """Whose work goes first where two projects want the same people."""

    FIRST = "first"
    BY_DUE_DATE = "by_due_date"
    LAST = "last"
