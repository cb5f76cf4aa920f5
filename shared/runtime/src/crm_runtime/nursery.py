"""The process whose forks our Python processes are: it imports what they share, once.

Each process of the system imports the same few hundred modules, which takes more than a second of processor time.
With a dozen processes on two cores that is most of the time from `crm up` to ready. A fork of a process that
has done it takes milliseconds, and the memory of the modules is shared.

    python -m crm_runtime.nursery MODULE...

One JSON line on standard input asks for a process ({"id", "module", "arguments", "environment", "log",
"stop_signal"}); lines on standard output tell that it began ({"id", "pid"}) and how it ended ({"pid", "status"}).
The end of the input ends this process, and with it, by their parent-death signal, all its children.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Import the modules named in the arguments, then fork on request. In a fork this runs the module."""
    _preload(sys.argv[1:])
    answers = os.dup(sys.stdout.fileno())
    # Whatever a module prints must not get among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    run = _serve(sys.stdin.fileno(), answers)
    if run is not None:
        run()


def _preload(modules: Iterable[str]) -> None:
    # What is imported stays; looking for garbage in it takes a quarter of the time.
    gc.disable()
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception:  # noqa: BLE001 - the process that needs it will fail on it by itself, and say why
            traceback.print_exc()
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        sys.stderr.write(f"Threads run after the imports, and would be missing in every fork: {names}\n")
    gc.collect()
    # The collector shall not touch, and so copy, the memory that all forks share.
    gc.freeze()
    gc.enable()


def _serve(requests: int, answers: int) -> Callable[[], None] | None:
    """Answer requests until the input ends; in a fork: return what it is to do."""
    woken, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    _say(answers, {"ready": True})
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if requests in ready:
                received = os.read(requests, 1 << 20)
                if not received:
                    return None
                *lines, pending = (pending + received).split(b"\n")
                for line in lines:
                    request = json.loads(line)
                    pid = os.fork()
                    if pid == 0:
                        signal.set_wakeup_fd(-1)
                        return partial(_become, request, {requests, answers, woken, waker})
                    _say(answers, {"id": request["id"], "pid": pid})
            if woken in ready:
                os.read(woken, 4096)
            _reap(answers)


def _say(answers: int, message: dict[str, Any]) -> None:
    os.write(answers, json.dumps(message).encode() + b"\n")


def _reap(answers: int) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _say(answers, {"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _become(request: dict[str, Any], inherited: set[int]) -> None:
    """Turn this fork into the process that was asked for, and run it to its end."""
    parent = os.getppid()
    _libc.prctl(_PR_SET_PDEATHSIG, request["stop_signal"])
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    _libc.prctl(_PR_SET_NAME, request["name"].encode()[:15])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for place in inherited - {0}:
        os.close(place)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(nothing)
    os.close(log)
    sys.stdout = os.fdopen(1, "a", buffering=1, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [request["module"], *request["arguments"]]
    importlib.import_module(request["module"]).main()


if __name__ == "__main__":
    main()
