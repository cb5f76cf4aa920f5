import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.layout import ROOT
from tools.setup.damage import damage
from tools.setup.registry import uv_environment
from tools.setup.stamp import Stamp, content_digest

SETUP = ROOT / "tools" / "setup" / "setup.sh"
STAMP = Stamp(python="3.11.7", place="/somewhere/.venv", content="abc")


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def run_setup(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run setup.sh where nothing but the programs in ``tmp_path/bin`` exists."""
    program(tmp_path / "bin", "dirname", 'echo "${1%/*}"')
    variables = {"PATH": str(tmp_path / "bin"), **environment}
    return subprocess.run(["/bin/sh", str(SETUP)], env=variables, capture_output=True, text=True, check=False)


def test_without_python_one_sentence_says_so(tmp_path: Path) -> None:
    done = run_setup(tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "setup: Python 3.11 or newer is needed (there is no python3); "
        "install one or name it: make setup PYTHON=/path/to/python3\n"
    )


def test_with_an_old_python_the_sentence_names_it(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", 'case "$2" in *ensurepip*) exit 1;; *) echo 3.9.18;; esac')
    done = run_setup(tmp_path)
    assert done.returncode == 1
    assert "(python3 is 3.9.18)" in done.stderr


def test_with_a_python_without_venv_the_sentence_says_what_is_missing(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3.12", 'case "$2" in *ensurepip*) exit 1;; *) echo 3.12.1;; esac')
    done = run_setup(tmp_path)
    assert done.returncode == 1
    assert "python3.12 is 3.12.1, but without venv (Debian: apt install python3-venv)" in done.stderr


def test_a_python_that_does_not_run_is_named(tmp_path: Path) -> None:
    done = run_setup(tmp_path, PYTHON="python9")
    assert done.returncode == 1
    assert done.stderr == "setup: PYTHON=python9 does not run; name a Python 3.11 or newer.\n"


def test_the_first_python_that_can_is_taken_and_an_existing_environment_kept(tmp_path: Path) -> None:
    program(tmp_path / "bin", "python3", "exit 1")
    program(tmp_path / "bin", "python3.13", 'case "$1" in -c) exit 0;; *) echo "3.13 runs $*";; esac')
    done = run_setup(tmp_path)
    assert (done.returncode, done.stdout) == (0, "3.13 runs -m tools.setup --keep-python\n")


def test_a_python_that_is_named_decides(tmp_path: Path) -> None:
    program(tmp_path / "bin", "mine", 'case "$1" in -c) exit 0;; *) echo "mine runs $*";; esac')
    done = run_setup(tmp_path, PYTHON="mine")
    assert (done.returncode, done.stdout) == (0, "mine runs -m tools.setup\n")


def test_a_finished_environment_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    STAMP.write(tmp_path)
    assert Stamp.read(tmp_path) == STAMP


def test_a_half_made_environment_has_no_stamp(tmp_path: Path) -> None:
    assert Stamp.read(tmp_path) is None
    STAMP.write(tmp_path)
    assert Stamp.read(tmp_path) is None, "its interpreter is missing"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    Stamp.remove(tmp_path)
    assert Stamp.read(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"python": "3.11.7"}', '{"other": 1}'])
def test_a_damaged_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "crm-setup.json").write_text(text, encoding="utf-8")
    assert Stamp.read(tmp_path) is None


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("a")], ids=["lost", "cut off"])
def test_a_file_that_is_not_as_it_was_installed_is_named(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    place = tmp_path / "lib" / "python3.11" / "site-packages"
    (place / "wheel-1.dist-info").mkdir(parents=True)
    (place / "wheel").mkdir()
    for name in ("__init__.py", "more.py"):
        (place / "wheel" / name).write_text("pass\n", encoding="utf-8")
    record = "wheel/__init__.py,sha256=x,5\nwheel/more.py,sha256=x,5\nwheel-1.dist-info/RECORD,,\n"
    (place / "wheel-1.dist-info" / "RECORD").write_text(record, encoding="utf-8")
    assert damage(tmp_path) is None

    harm(place / "wheel" / "more.py")

    assert damage(tmp_path) == "wheel/more.py"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (Stamp(python="3.11.7", place="/somewhere/.venv", content="new locks"), True),
        (Stamp(python="3.12.1", place="/somewhere/.venv", content="abc"), False),
        (Stamp(python="3.11.7", place="/moved/.venv", content="abc"), False),
    ],
)
def test_another_python_or_place_needs_a_new_environment(other: Stamp, *, same: bool) -> None:
    assert STAMP.same_base(other) is same


def test_any_change_of_a_lock_or_of_a_package_changes_the_digest(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "gateway").mkdir()
    files = [
        tmp_path / "requirements/all.lock",
        tmp_path / "requirements/bootstrap.lock",
        tmp_path / "gateway/pyproject.toml",
    ]
    for file in files:
        file.write_text('[project]\nname = "gateway"\n', encoding="utf-8")
    digests = {content_digest(tmp_path)}
    for file in files:
        file.write_text('[project]\nname = "gateway"\nversion = "2"\n', encoding="utf-8")
        digests.add(content_digest(tmp_path))
    assert len(digests) == 4


def test_uv_uses_the_registry_of_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    environment = uv_environment(Path(sys.executable))
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_PYTHON_DOWNLOADS"] == "never"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    assert uv_environment(Path(sys.executable))["UV_DEFAULT_INDEX"] == "https://own.example/simple"


def test_make_alone_lists_its_targets() -> None:
    done = subprocess.run(["make", "-C", str(ROOT)], capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")]
    assert {"run", "demo", "stop", "clean", "logs", "setup", "test", "check", "lint", "fmt", "types", "arch"} <= set(
        listed
    )
    assert {"gen", "gen-check", "lock", "lock-check", "migration", "bench"} <= set(listed)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["demo"], "demo: say which data: make demo DATA=folder"),
        (["demo", "DATA=no/such"], "demo: there is no folder no/such"),
        (["logs"], "logs: say of what: make logs S=customer-svc"),
        (["migration", "S=x"], 'migration: say for what: make migration S=customer-svc M="what it does"'),
        (["clean"], "clean: nobody is there to ask; scripts say: make clean CONFIRM=yes"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_target_without_what_it_needs_says_so_and_does_nothing(arguments: list[str], sentence: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"S", "M", "T", "DATA", "CONFIRM"}}
    done = subprocess.run(
        ["make", "-C", str(ROOT), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
