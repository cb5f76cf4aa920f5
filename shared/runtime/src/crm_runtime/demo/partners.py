"""The programs of others that take part in the story: the import script, the ERP and the OA system."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_runtime.errors import RuntimeProblem

Progress = Callable[[str, int, int], None]
"""Name of what is loaded, rows done, rows in all."""

_STOP_SECONDS = 8.0


def examples_folder() -> Path:
    """Where the example programs are, in a checkout of the project.

    Raises:
        RuntimeProblem: This is no checkout.
    """
    for base in (Path.cwd(), *Path(__file__).resolve().parents):
        folder = base / "examples"
        if (folder / "partner_import" / "import_csv.py").is_file():
            return folder
    raise RuntimeProblem("The story plays the programs in examples/; start it in a checkout of the project.")


@dataclass(frozen=True, kw_only=True)
class Partners:
    """Runs the example programs, each as a process of its own."""

    examples: Path
    home: Path
    """Where the ERP and the OA system keep their books."""
    gateway_url: str
    kafka: str
    api_key: str
    tenant_id: str

    @property
    def _script(self) -> Path:
        return self.examples / "partner_import" / "import_csv.py"

    async def check(self, data: Path, mapping: Path) -> None:
        """Look at the CSV files with the import script, before anything is loaded.

        Raises:
            RuntimeProblem: They cannot be loaded; says why.
        """
        arguments = ("--mapping", mapping, "--data", data, "--check")
        process = await asyncio.create_subprocess_exec(
            *map(str, (sys.executable, self._script, *arguments)), stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        if process.returncode:
            raise RuntimeProblem(said.decode().strip())

    async def load(self, data: Path, mapping: Path, errors: Path, progress: Progress) -> None:
        """Load CSV files with the import script.

        Raises:
            RuntimeProblem: The script gave up; rows that do not fit are no reason to.
        """
        arguments = ("--mapping", mapping, "--data", data, "--url", self.gateway_url, "--errors", errors)
        process = await asyncio.create_subprocess_exec(
            *map(str, (sys.executable, self._script, *arguments)),
            env={**os.environ, "CRM_API_KEY": self.api_key},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        lines: list[str] = []
        assert process.stdout is not None  # noqa: S101  (asked for in the call)
        try:
            async for raw in process.stdout:
                line = raw.decode().rstrip()
                word, _, rest = line.partition(" ")
                if word == "progress":
                    name, _, numbers = rest.partition(" ")
                    done, _, total = numbers.partition("/")
                    progress(name, int(done), int(total))
                else:
                    lines.append(line)
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if code not in {0, 1}:
            raise RuntimeProblem("The import script gave up.", log_lines=tuple(lines[-10:]))

    @asynccontextmanager
    async def taking_part(self) -> AsyncIterator[None]:
        """ERP and OA run beside the story."""
        self.home.mkdir(parents=True, exist_ok=True)
        running = ("run", "--tenant", self.tenant_id, "--kafka", self.kafka)
        processes = [
            await self._start(
                "erp_sync", "--ledger", str(self.home / "erp.sqlite3"), *running, "--url", self.gateway_url
            ),
            await self._start("oa_sync", "--book", str(self.home / "oa.sqlite3"), *running),
        ]
        try:
            yield
        finally:
            for process in processes:
                if process.returncode is None:
                    process.terminate()
            waiting = [asyncio.ensure_future(process.wait()) for process in processes]
            _, late = await asyncio.wait(waiting, timeout=_STOP_SECONDS)
            for process in processes:
                if process.returncode is None and late:
                    process.kill()

    async def erp(self, *arguments: str) -> str:
        """Do something in the ERP system; returns what it prints."""
        return await self._run("erp_sync", "--ledger", str(self.home / "erp.sqlite3"), *arguments)

    async def oa(self, *arguments: str) -> str:
        """Do something in the OA system; returns what it prints."""
        return await self._run("oa_sync", "--book", str(self.home / "oa.sqlite3"), *arguments)

    async def _run(self, module: str, *arguments: str) -> str:
        process = await self._start(module, *arguments, output=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        if process.returncode:
            raise RuntimeProblem(
                f"{module} {' '.join(arguments)} failed.", log_lines=tuple(out.decode().splitlines()[-5:])
            )
        return out.decode()

    async def _start(self, module: str, *arguments: str, output: int | None = None) -> asyncio.subprocess.Process:
        log = output
        if log is None:
            with (self.home / f"{module}.log").open("ab") as file:
                return await self._spawn(module, arguments, file.fileno())
        return await self._spawn(module, arguments, log)

    async def _spawn(self, module: str, arguments: tuple[str, ...], output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=self.examples,
            env={**os.environ, "CRM_API_KEY": self.api_key},
            stdout=output,
            stderr=output,
        )
