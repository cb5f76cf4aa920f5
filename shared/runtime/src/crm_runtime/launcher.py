"""Starts Python processes as forks of a nursery (see `crm_runtime.nursery`), where the system allows that."""

import asyncio
import itertools
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crm_runtime import processes
from crm_runtime.child import Child, ChildSpec, die_with_parent, last_lines, log_size
from crm_runtime.errors import RuntimeProblem
from crm_runtime.processes import ProcessIdentity

AVAILABLE = sys.platform == "linux"
"""Elsewhere system libraries do not bear a fork, or the children would outlive a killed parent."""

_READY_SECONDS = 60.0
_MODULE_START = [sys.executable, "-m"]


class Launcher:
    """One nursery, and the processes that it forked."""

    def __init__(self, modules: Sequence[str], log_file: Path) -> None:
        self._modules = modules
        self._log_file = log_file
        self._child: Child | None = None
        self._requests: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[_Fork]] = {}
        self._forks: dict[int, _Fork] = {}
        self._listener: asyncio.Task[None] | None = None

    @property
    def child(self) -> Child:
        """The nursery itself."""
        if self._child is None:
            raise RuntimeError("the launcher has not been started")
        return self._child

    async def start(self) -> None:
        """Start the nursery and wait until it has imported everything."""
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        log_from = log_size(self._log_file)
        command = [*_MODULE_START, "crm_runtime.nursery", *self._modules]
        with self._log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        identity = ProcessIdentity.of(process.pid) or ProcessIdentity(process.pid, "")
        spec = ChildSpec(name="launcher", command=command, log_file=self._log_file)
        self._child = Child(spec, process, identity)
        self._requests, answers = process.stdin, process.stdout
        if answers is None or not await self._is_ready(answers):
            await self.stop()
            raise RuntimeProblem(
                f"The launcher did not become ready; its log is {self._log_file}.",
                log_lines=last_lines(self._log_file, since=log_from),
            )
        self._listener = asyncio.create_task(self._listen(answers))

    async def stop(self) -> None:
        """Stop the nursery, and with it whatever it forked and still runs."""
        if self._child is not None:
            await self._child.stop()
        if self._listener is not None:
            await self._listener

    async def spawn(self, spec: ChildSpec) -> Child:
        """Start a process whose command is `python -m MODULE ...`; another one is started without the nursery."""
        if list(spec.command[:2]) != _MODULE_START or spec.user or spec.working_dir:
            return await Child.start(spec)
        if self._requests is None or self.child.exit_code is not None:
            raise RuntimeProblem(f"{spec.name} cannot be started while the launcher is not running.")
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        request = {
            "id": number,
            "name": spec.name,
            "module": spec.command[2],
            "arguments": list(spec.command[3:]),
            "environment": dict(spec.environment),
            "log": str(spec.log_file),
            "stop_signal": int(spec.stop_signal),
        }
        spec.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._requests.write(json.dumps(request).encode() + b"\n")
        try:
            fork = await self._asked[number]
        except EOFError as error:
            raise RuntimeProblem(f"{spec.name} could not be started: the launcher ended.") from error
        return Child(spec, fork, fork.identity)

    async def _is_ready(self, answers: asyncio.StreamReader) -> bool:
        try:
            return bool(await asyncio.wait_for(answers.readline(), _READY_SECONDS))
        except TimeoutError:
            return False

    async def _listen(self, answers: asyncio.StreamReader) -> None:
        while line := await answers.readline():
            self._take_in(json.loads(line))
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(EOFError())
        # Without their parent nobody can tell how they ended; the parent-death signal ends them.
        await asyncio.gather(*(fork.abandoned() for fork in list(self._forks.values())))

    def _take_in(self, message: dict[str, Any]) -> None:
        if "id" in message:
            # Known before its end can be reported, however soon that comes: also before whoever asked goes on.
            fork = self._forks[message["pid"]] = _Fork(message["pid"])
            asked = self._asked.pop(message["id"])
            if not asked.done():  # else whoever asked has given up meanwhile; the nursery's end is that process's, too
                asked.set_result(fork)
        else:
            self._forks.pop(message["pid"]).ended(message["status"])


class _Fork:
    """The part of asyncio's process object that `Child` needs, for a process that is a grandchild of ours."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.identity = ProcessIdentity.of(pid) or ProcessIdentity(pid, "")
        self._end = asyncio.Event()

    def ended(self, status: int) -> None:
        """It ended with this exit code, or minus the number of a signal."""
        self.returncode = status
        self._end.set()

    async def abandoned(self) -> None:
        """Wait for its end without being told of it."""
        await processes.end(self.identity, gentle=signal.SIGTERM)
        self.ended(-signal.SIGTERM)

    async def wait(self) -> int:
        """Wait for its end."""
        await self._end.wait()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Send a signal to this very process."""
        self.identity.signal(number)

    def kill(self) -> None:
        """SIGKILL."""
        self.identity.signal(signal.SIGKILL)
