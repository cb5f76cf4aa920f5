"""What processes that run for long are told once: how to collect garbage, and how many cores to compute on."""

import gc
import os
from typing import Final

_YOUNG: Final = 200_000
"""Objects between two looks at the young ones. Hardly anything that a request or a step makes is in a cycle: with the
700 of Python, a fifth of the CPU time of an import goes into looking for garbage, and with 10,000 an eighth of what its
writing process takes, as a step holds more than that at a time; with 50,000 it was still a few hundredths."""


def put_off_garbage() -> None:
    """Collect no garbage until :func:`settle_in`: what is imported stays, and looking at it takes a quarter of that."""
    gc.disable()


def settle_in() -> None:
    """Take what was imported and built for good: no garbage collection need look at it again."""
    gc.collect()
    leave_alone()


def leave_alone() -> None:
    """Let garbage collections, also those that were put off, pass over everything that there is by now."""
    gc.freeze()
    gc.set_threshold(_YOUNG, 10, 10)
    gc.enable()


def compute_on_one_core() -> None:
    """Let NumPy compute in the thread that asks; for before anything imports it, here and in processes started later.

    Left alone, OpenBLAS starts a thread per core. On vectors as short as ours these hardly compute: they spin until
    the next call, and on a busy machine whoever has called waits for them.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
