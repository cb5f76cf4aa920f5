"""Garbage collection in processes that run for long."""

import gc
from typing import Final

_YOUNG: Final = 10_000
"""Objects between two looks at the young ones. Hardly anything that a request or a step makes is in a cycle: with the
700 of Python, a fifth of the CPU time of an import goes into looking for garbage."""


def settle_in() -> None:
    """Take what was imported and built for good: no garbage collection need look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
