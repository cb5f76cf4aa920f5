"""The embedded PostgreSQL: made, started, checked and stopped with its own programs."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import asyncpg

from crm_platform.db.preparation import SYSTEM_LOCALES
from crm_runtime import processes
from crm_runtime.child import Child, ChildSpec, SystemUser, last_lines, log_size
from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import LOOPBACK, wait_until_free
from crm_runtime.postgres_config import HOST_RULES, PostgresOptions, server_settings
from crm_runtime.postgres_home import PostgresHome, find_home, unused_name

MAJOR_VERSION = "18"
ADMIN_ROLE = "postgres"
_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0
# What makes a folder a finished cluster: initdb writes the first early and the second late.
_CLUSTER_FILES = ("PG_VERSION", "global/pg_control", "postgresql.auto.conf")


class EmbeddedPostgres:
    """One PostgreSQL server on the loopback address, a child of this process."""

    def __init__(
        self,
        home: PostgresHome,
        options: PostgresOptions,
        *,
        admin_password: str,
        log_file: Path,
        reset_password: bool = False,
    ) -> None:
        self.home = home
        self.options = options
        self._password = admin_password
        self._log_file = log_file
        self._reset_password = reset_password
        self._child: Child | None = None
        self._log_from = 0

    @classmethod
    def at(
        cls,
        data_dir: Path,
        options: PostgresOptions,
        *,
        admin_password: str,
        log_file: Path,
        reset_password: bool = False,
    ) -> Self:
        """The server whose cluster lies (or will lie) at `data_dir`.

        `reset_password` sets the superuser's password anew, for a cluster whose secrets file was lost.
        """
        return cls(
            find_home(data_dir),
            options,
            admin_password=admin_password,
            log_file=log_file,
            reset_password=reset_password,
        )

    @property
    def admin_url(self) -> str:
        """URL of the superuser on the maintenance database; it holds the password."""
        return f"postgresql://{ADMIN_ROLE}:{self._password}@{LOOPBACK}:{self.options.port}/postgres"

    @property
    def child(self) -> Child:
        """The running server process."""
        if self._child is None:
            raise RuntimeError("PostgreSQL has not been started")
        return self._child

    async def start(self) -> None:
        """Create the cluster if there is none, start the server and wait until it accepts a login."""
        data_dir = self.home.data_dir
        existed = await asyncio.to_thread(self._prepare, data_dir)
        await clear_stale_lock(data_dir)
        await wait_until_free(self.options.port, "PostgreSQL")
        self._write_configuration(data_dir)
        if existed and self._reset_password:
            await asyncio.to_thread(self._set_admin_password, data_dir)
            self._reset_password = False
        self._log_from = log_size(self._log_file)
        self._child = await Child.start(
            ChildSpec(
                name="postgres",
                command=[str(self.home.programs / "postgres"), "-D", str(data_dir)],
                environment=_environment(),
                log_file=self._log_file,
                # The server's working directory is its data folder anyway; ours may be barred to its user.
                working_dir=data_dir,
                user=self.home.user,
                # Fast shutdown: open sessions are ended, then a checkpoint.
                stop_signal=signal.SIGINT,
                grace_seconds=_STOP_SECONDS,
            )
        )
        await self._wait_until_ready()

    async def stop(self) -> None:
        """Fast shutdown with a checkpoint; after the grace time it is killed (and recovers at the next start)."""
        if self._child is not None:
            await self._child.stop()

    def _prepare(self, data_dir: Path) -> bool:
        """Make sure that there is a cluster; True when there was one."""
        _check_owner(data_dir, self.home.user)
        if is_cluster(data_dir):
            _check_version(data_dir)
            return True
        if data_dir.exists() and any(data_dir.iterdir()):
            # Never deleted: someone may have put it there by hand.
            data_dir.rename(unused_name(data_dir, "incomplete"))
        self._initialise(data_dir)
        return False

    def _initialise(self, data_dir: Path) -> None:
        """Run initdb beside the final place and rename at the end, so that a crash leaves no half cluster there."""
        building = data_dir.with_name(f"{data_dir.name}.building")
        shutil.rmtree(building, ignore_errors=True)
        _make_folder(data_dir.parent)
        building.mkdir(mode=0o700)
        password_file = _write_password(data_dir.parent, self._password)
        try:
            self._give_away(building, password_file)
            self._run_initdb(building, password_file)
        finally:
            password_file.unlink(missing_ok=True)
        if data_dir.exists():
            data_dir.rmdir()
        building.rename(data_dir)

    def _run_initdb(self, building: Path, password_file: Path) -> None:
        command = [str(self.home.programs / "initdb"), "--pgdata", str(building), "--username", ADMIN_ROLE]
        command += ["--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8"]
        command += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"]
        if not self.options.durable:
            command += ["--no-sync", "--no-data-checksums"]
        finished = self._run([*command, "--locale", SYSTEM_LOCALES[0]], building, "")
        for locale in SYSTEM_LOCALES[1:]:
            if "invalid locale name" not in finished.stdout:
                break
            finished = self._run([*command, "--locale", locale], building, "")
        if finished.returncode != 0:
            raise RuntimeProblem(
                "PostgreSQL could not create its data folder; its own words are below.",
                log_lines=tuple(finished.stdout.splitlines()[-10:]),
            )

    def _set_admin_password(self, data_dir: Path) -> None:
        """Set the superuser's password in single-user mode, which needs none."""
        command = [str(self.home.programs / "postgres"), "--single", "-D", str(data_dir), "postgres"]
        quoted = self._password.replace("'", "''")
        finished = self._run(command, data_dir, f"ALTER ROLE {ADMIN_ROLE} PASSWORD '{quoted}'\n")
        if finished.returncode != 0:
            raise RuntimeProblem(
                f"The database at {data_dir} exists, but its passwords are lost and could not be set anew.",
                log_lines=tuple(finished.stdout.splitlines()[-10:]),
            )

    def _run(self, command: list[str], folder: Path, typed: str) -> subprocess.CompletedProcess[str]:
        user = self.home.user
        try:
            return subprocess.run(  # noqa: S603 - our own programs, no shell
                command,
                input=typed,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                timeout=_READY_SECONDS,
                env=_environment(),
                cwd=folder,
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
            )
        except subprocess.TimeoutExpired as error:
            raise RuntimeProblem(f"{Path(command[0]).name} did not finish in {_READY_SECONDS:.0f} s.") from error

    def _write_configuration(self, data_dir: Path) -> None:
        for name, text in (("postgresql.conf", server_settings(self.options)), ("pg_hba.conf", HOST_RULES)):
            path = data_dir / name
            path.write_text(text, encoding="utf-8")
            self._give_away(path)

    def _give_away(self, *paths: Path) -> None:
        if self.home.user is not None:
            for path in paths:
                os.chown(path, self.home.user.uid, self.home.user.gid)

    async def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        lock = self.home.data_dir / "postmaster.pid"
        while True:
            if self.child.exit_code is not None:
                raise RuntimeProblem(
                    f"PostgreSQL ended while starting (log: {self._log_file}).",
                    log_lines=last_lines(self._log_file, 8, since=self._log_from),
                )
            if _says_ready(lock, self.child.identity.pid) and await _accepts_login(self.admin_url):
                return
            if time.monotonic() > deadline:
                await self.stop()
                raise RuntimeProblem(
                    f"PostgreSQL was not ready after {_READY_SECONDS:.0f} s (log: {self._log_file}).",
                    log_lines=last_lines(self._log_file, 8, since=self._log_from),
                )
            await asyncio.sleep(processes.POLL_SECONDS)


def is_cluster(data_dir: Path) -> bool:
    """True when the folder holds a cluster that initdb finished."""
    return all((data_dir / name).is_file() for name in _CLUSTER_FILES)


async def clear_stale_lock(data_dir: Path) -> None:
    """Stop a server that a crashed parent left on this folder, and remove a lock file that names no such server."""
    lock = data_dir / "postmaster.pid"
    orphans = {orphan.pid: orphan for orphan in processes.working_in(data_dir, name="postgres")}
    server = orphans.pop(_locked_by(lock), None)
    if server is not None:
        await processes.end(server, gentle=signal.SIGINT, grace_seconds=_STOP_SECONDS)
    for helper in orphans.values():
        # Only the server itself may be asked by SIGINT: to its helper processes that signal means other things.
        await processes.end(helper, gentle=signal.SIGQUIT)
    # PostgreSQL itself would refuse to start when the recorded id has meanwhile been given to any other process.
    lock.unlink(missing_ok=True)


def _locked_by(lock: Path) -> int:
    try:
        return int(lock.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _check_owner(data_dir: Path, user: SystemUser | None) -> None:
    if not data_dir.exists():
        return
    owner = data_dir.stat().st_uid
    if owner != (user.uid if user else os.geteuid()):
        raise RuntimeProblem(
            f"The database folder {data_dir} belongs to another user (id {owner}); start as that user, or use "
            "another --data-dir."
        )


def _check_version(data_dir: Path) -> None:
    found = (data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != MAJOR_VERSION:
        raise RuntimeProblem(
            f"The data in {data_dir} was written by PostgreSQL {found}, but this program brings {MAJOR_VERSION}; "
            "use another --data-dir, or dump it with the old version and load it here."
        )


def _says_ready(lock: Path, pid: int) -> bool:
    """PostgreSQL writes its state into line 8 of its lock file; that is what pg_ctl waits for as well."""
    try:
        lines = lock.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return lines[0:1] == [str(pid)] and [line.strip() for line in lines[7:8]] == ["ready"]


async def _accepts_login(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=5.0)
    except asyncpg.InvalidPasswordError as error:
        raise RuntimeProblem(
            "The embedded PostgreSQL refuses the password in secrets.json; remove secrets.json to have new ones made."
        ) from error
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RuntimeProblem(f"The folder {folder} cannot be made ({error.strerror}).") from error


def _write_password(folder: Path, password: str) -> Path:
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".password-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return Path(name)


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables or locale reaches the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
