"""The event loop of processes that do not begin with uvicorn."""

import sys
from importlib import import_module
from typing import Any


def loop_factory() -> Any:
    """What makes event loops; None for Python's own, where there is no faster one."""
    if sys.platform == "win32":
        return None
    return import_module("uvloop").new_event_loop
