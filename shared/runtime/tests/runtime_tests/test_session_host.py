"""The servers of a pytest run end with the run, however it ends."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from crm_runtime.announcement import Announcement
from crm_runtime.processes import ProcessIdentity
from crm_runtime.session_host import RUN_OWNER, sweep

from .support import DEADLINE_SECONDS, wait_until

INNER_TEST = """
import os
import time
from pathlib import Path

def test_that_goes_on(pg_admin_url, kafka_bootstrap):
    Path(os.environ["STARTED"]).touch()
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.02)
"""


INNER_CONFTEST = """
import signal

# A shell without job control lets what it starts in the background ignore SIGINT, and all that begins in there.
signal.signal(signal.SIGINT, signal.default_int_handler)
"""


@pytest.mark.parametrize(("number", "arguments"), [(signal.SIGINT, []), (signal.SIGKILL, ["-n", "2"])])
def test_servers_end_with_their_run(open_folder: Path, number: int, arguments: list[str]) -> None:
    (open_folder / "test_inner.py").write_text(INNER_TEST, encoding="utf-8")
    (open_folder / "conftest.py").write_text(INNER_CONFTEST, encoding="utf-8")
    (open_folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "crm_runtime.pytest_plugin", "-p", "xdist.plugin"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    run = subprocess.Popen(  # noqa: S603 - this project's own interpreter
        [*command, *arguments, str(open_folder / "test_inner.py")],
        cwd=open_folder,
        env={
            **environment,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TMPDIR": str(open_folder),
            "STARTED": str(open_folder / "started"),
        },
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until((open_folder / "started").exists, what="the inner test")
        base = open_folder / f"crm-tests-{os.getuid()}"
        (folder,) = base.iterdir()
        announced = Announcement.read(folder)
        assert announced is not None
        server = int((folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        run.send_signal(number)
        run.wait(DEADLINE_SECONDS)
    finally:
        run.kill()  # which does nothing to a run that has ended; one that goes on would spoil a later test
        run.wait()
    wait_until(lambda: not announced.host.lives() and ProcessIdentity.of(server) is None, what="end of the servers")
    assert list(base.iterdir()) == []


async def test_the_folder_of_a_dead_run_is_removed_and_that_of_a_live_one_kept(tmp_path: Path) -> None:
    myself = ProcessIdentity.of(os.getpid())
    assert myself is not None
    gone = ProcessIdentity(myself.pid, "another time")
    for name, owners in {"dead": [gone, gone], "live": [myself, gone]}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / RUN_OWNER).write_text(json.dumps([asdict(owner) for owner in owners]), encoding="utf-8")
    (tmp_path / "beginning").mkdir()
    await sweep(tmp_path)
    assert not (tmp_path / "dead").exists()
    assert (tmp_path / "live").exists()
    assert (tmp_path / "beginning").exists()
