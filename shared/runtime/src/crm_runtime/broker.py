"""The embedded Kafka-protocol broker (`noida-db`, its Kafka service only).

It keeps its log in memory and writes it to disk now and then and on a clean stop: killed, it forgets what it
acknowledged last. It is for trying, developing and testing; the relays republish what such a broker loses.
"""

import importlib.util
import json
import os
import signal
import stat
from pathlib import Path

from crm_runtime import processes
from crm_runtime.broker_process import BrokerProcess
from crm_runtime.child import Child, ChildSpec, last_lines, log_size
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK, wait_until_free
from crm_runtime.processes import ProcessIdentity

_WHEEL = "noida-db"
_SNAPSHOT = "kafka.json"
_CONTROL = "noida.control.json"
_UNREADABLE = "failed to parse kafka snapshot"


class EmbeddedBroker(BrokerProcess):
    """The broker of the embedded system. A clean stop saves its log."""

    ready_seconds = 60.0

    async def start(self) -> None:
        """Start it and wait until it answers a Kafka metadata request."""
        self._data_dir.mkdir(parents=True, exist_ok=True)
        await stop_orphan(self._data_dir)
        await wait_until_free(self._port, "the broker")
        log_from = log_size(self._log_file)
        await self._spawn()
        if await self._answers():
            return
        if any(_UNREADABLE in line for line in last_lines(self._log_file, since=log_from)):
            # Half written when the machine went down. The relays republish what was in it.
            (self._data_dir / _SNAPSHOT).replace(self._data_dir / f"{_SNAPSHOT}.unreadable")
            await self._spawn()
            if await self._answers():
                return
        raise await self._give_up(log_from=log_from)

    async def _spawn(self) -> None:
        command = [str(_program()), "start", "--only", "kafka", "--kafka-port", str(self._port)]
        command += ["--host", LOOPBACK, "--data-dir", str(self._data_dir)]
        self._child = await Child.start(
            ChildSpec(
                name="broker",
                command=command,
                environment=dict(os.environ),
                log_file=self._log_file,
                stop_signal=signal.SIGTERM,
                grace_seconds=15.0,
            )
        )


async def stop_orphan(data_dir: Path) -> None:
    """Stop a broker that a crashed parent left on this folder, and remove the note of one that is gone."""
    control = data_dir / _CONTROL
    try:
        pid = int(json.loads(control.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        pid = 0
    identity = ProcessIdentity.of(pid) if pid else None
    if identity is not None and _is_broker(pid, data_dir):
        await processes.end(identity, grace_seconds=15.0)
    control.unlink(missing_ok=True)


def _is_broker(pid: int, data_dir: Path) -> bool:
    arguments = processes.command_line(pid)
    return bool(arguments) and Path(arguments[0]).name.startswith(_WHEEL) and str(data_dir) in arguments


def _program() -> Path:
    spec = importlib.util.find_spec("noida_db")
    folder = Path(spec.origin).parent if spec and spec.origin else None
    name = "noida-db.exe" if os.name == "nt" else "noida-db"
    if folder is None or not (program := folder / name).exists():
        raise RuntimeProblem(
            f"The broker program (package {_WHEEL}) is not installed for this machine; install the locked "
            "dependencies again, or use a broker of your own with --kafka."
        )
    if not os.access(program, os.X_OK):
        # pip does not keep the mode of a data file; the wheel's own wrapper does the same.
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return program
