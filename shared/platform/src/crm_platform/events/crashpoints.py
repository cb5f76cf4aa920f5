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
"""Every crash point of relay and consumers; kill tests run through the list."""

OPERATION_CRASHPOINTS: Final = (
    "operation.after_claim",
    "operation.after_effects_before_commit",
    "operation.after_commit",
)
"""Every crash point of a worker at an operation."""

AFTER_COMMIT: Final = "request.after_commit_before_reply"
"""The crash point of an API process: a request has changed something, and its caller has not been told."""

KILLED: Final = 137
"""Exit status of a process that died at a crash point: that of SIGKILL."""


class _Armed:
    """The crash point that is armed in this process; an empty name is none."""

    name = ""
    remaining = 1
    freezes = False


def arm(specification: str) -> None:
    """Arm one crash point, or none with an empty text."""
    name, _, rest = specification.partition(":")
    count, _, action = rest.partition(":")
    _Armed.name, _Armed.remaining, _Armed.freezes = name, int(count or 1), action == "freeze"


def arm_from_environment() -> None:
    """Arm what the environment names; a process does so when it begins, for it may be the fork of another one."""
    arm(os.environ.get("CRM_CRASHPOINT", ""))


def crashpoint(name: str) -> None:
    """Die or freeze here if this crash point is armed; otherwise do nothing."""
    if name == _Armed.name:
        _reached()


def _reached() -> None:
    _Armed.remaining -= 1
    if _Armed.remaining != 0:
        return
    if _Armed.freezes:
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        os._exit(KILLED)
