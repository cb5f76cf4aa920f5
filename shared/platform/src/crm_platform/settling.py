"""What processes that run for long are told once: how to collect garbage, and how threads share the cores."""

import gc
import os
import sys
from typing import Final

_YOUNG: Final = 10_000
"""Objects between two looks at the young ones. Hardly anything that a request or a step makes is in a cycle: with the
700 of Python, a fifth of the CPU time of an import goes into looking for garbage."""
_TURN: Final = 0.001
"""Seconds that a thread which computes may keep others waiting. A request is woken twice or more, by its socket and by
the database, and waits each time: with the 5 ms of Python, that is several times what it takes itself."""


def settle_in() -> None:
    """Take what was imported and built for good: no garbage collection need look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)


def share_cores() -> None:
    """Let computations take one core each and yield often; for before anything imports NumPy.

    Left alone, OpenBLAS starts a thread per core. On vectors as short as ours these hardly compute: they spin until
    the next call, and on a busy machine whoever has called waits for them. Processes started later inherit this.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.setswitchinterval(_TURN)
