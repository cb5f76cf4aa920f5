"""TCP ports on the loopback address: is one free, who holds it, give me some that are."""

import asyncio
import random
import socket
import time
from contextlib import ExitStack

import psutil

from crm_runtime.errors import RuntimeProblem

LOOPBACK = "127.0.0.1"
_REMAINS_SECONDS = 75.0
_PROBE_SECONDS = 0.1
_LOWEST, _EPHEMERAL_FROM = 15_000, 32_768


def is_free(port: int) -> bool:
    """True when a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A port whose last connection is in TIME_WAIT is usable by a server that sets this option, as all ours do.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """`count` different ports that were free at the moment of the call.

    They lie below the range from which the system gives outgoing connections their source ports: a server
    restarted on such a port cannot find it taken by a client that was trying to reach that very server.
    """
    with ExitStack() as held:
        found: list[int] = []
        for candidate in random.sample(range(_LOWEST, _EPHEMERAL_FROM), 100 + 10 * count):
            if len(found) == count:
                break
            probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            try:
                probe.bind((LOOPBACK, candidate))
            except OSError:
                continue
            found.append(candidate)
        return found


def holder(port: int) -> str | None:
    """Name and pid of the process that listens on a port, as far as this user may see it."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, PermissionError):
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            return _describe(connection.pid)
    return None


def _describe(pid: int | None) -> str | None:
    if pid is None:
        return None
    try:
        return f"{psutil.Process(pid).name()}, pid {pid}"
    except psutil.Error:
        return f"pid {pid}"


def accepts_connections(port: int) -> bool:
    """True when something answers a TCP connect on this loopback port."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False


def port_taken(wanted_by: str, port: int) -> str:
    """The sentence about a port that is not free."""
    who = holder(port)
    taken = f"Port {port}, which {wanted_by} wants, is taken" + (f" by {who}" if who else "")
    return f"{taken}; stop that program, or choose other ports for everything with --port-offset N."


async def wait_until_free(port: int, wanted_by: str) -> None:
    """Return when a server can listen there; a port on which somebody listens is a problem at once.

    The port may also be held by what remains, for a minute, of an ended connection that had got it as its source
    port. That passes by itself.
    """
    deadline = time.monotonic() + _REMAINS_SECONDS
    while not is_free(port):
        if time.monotonic() > deadline or accepts_connections(port):
            raise RuntimeProblem(port_taken(wanted_by, port))
        await asyncio.sleep(_PROBE_SECONDS)
