"""Named places at which a test can make the process die or freeze, as if it had been killed or stopped.

`CRM_CRASHPOINT=relay.after_ack_before_mark` ends the process the first time it gets there, `...:3` the third time,
and `...:1:freeze` stops it (SIGSTOP) instead. Without that variable a crash point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Final

CRASHPOINTS: Final = (
    "relay.after_fetch_before_send",
    "relay.after_ack_before_mark",
    "relay.after_mark",
    "relay.before_heal_commit",
    "relay.after_heal_commit",
    "replay.before_commit",
    "consumer.after_fetch_before_effects",
    "consumer.after_effects_before_commit",
    "consumer.after_commit",
    "consumer.before_rewind_commit",
    "redrive.after_effects_before_commit",
)
"""Every crash point there is; kill tests run through the list."""

KILLED: Final = 137
"""Exit status of a process that died at a crash point: that of SIGKILL."""


def _armed() -> tuple[str, int, bool]:
    name, _, rest = os.environ.get("CRM_CRASHPOINT", "").partition(":")
    count, _, action = rest.partition(":")
    return name, int(count or 1), action == "freeze"


_name, _remaining, _freezes = _armed()


def crashpoint(name: str) -> None:
    """Die or freeze here if this crash point is armed; otherwise do nothing."""
    if name == _name:
        _reached()


def _reached() -> None:
    global _remaining  # noqa: PLW0603  it happens to a process once, whatever object got it here
    _remaining -= 1
    if _remaining != 0:
        return
    if _freezes:
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        os._exit(KILLED)
