"""Fixtures of the runtime's own tests."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_runtime.processes import ProcessIdentity

from .support import Crm


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may pass through, which pytest's own tmp_path is not for root."""
    folder = Path(tempfile.mkdtemp(prefix="crm-runtime-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def crm(open_folder: Path) -> Iterator[Crm]:
    """The program over an empty folder; whatever it still runs at the end is killed."""
    program = Crm(open_folder)
    yield program
    state = program.state()
    if state:
        ProcessIdentity(**state["supervisor"]).signal(signal.SIGKILL)
        for identity in program.identities():
            identity.signal(signal.SIGKILL)
    for up in program.started:
        up.kill()
        up.wait()


def pytest_configure() -> None:
    """The commands are tested as a person without special settings would run them."""
    os.environ.pop("CRM_DEBUG", None)
