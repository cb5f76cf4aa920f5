"""The how-to pages, carried out one after the other on a copy of the tree; what they promise comes out."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.howto import Change, Command, DoesNotFit, steps
from tools.layout import ROOT, distributions

PAGES = ("add-a-field", "add-an-endpoint", "add-an-event", "add-a-consumer", "add-a-slice", "add-a-service")
LATER = ("make test", "make lock")
"""The tests of all pages are run together; a lock needs the package registry, see `test_locks.py`."""

PYTHON = ROOT / ".venv" / "bin" / "python"


class Workshop:
    """A copy of the tree, whose packages are the ones that programs started in it import."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        (root / ".venv").symlink_to(ROOT / ".venv")

    def run(self, *command: str) -> str:
        """What a program says that has to succeed; the packages in `.venv` stand back behind those of the copy."""
        places = [
            self.root,
            *(self.root / place for one in distributions(self.root) for place in (one.sources, one.tests)),
        ]
        environment = {
            **os.environ, "PYTHONPATH": ":".join(map(str, places)), "MAKEFLAGS": f"SETUP=: RUN={PYTHON}"
        }  # fmt: skip
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def follow(self, page: str) -> Iterator[Change | str]:
        """Do what a page says; yields its changes, and the lines that are left for later."""
        for step in steps((ROOT / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")):
            match step:
                case Change():
                    step.apply(self.root)
                    yield step
                case Command(text):
                    lines = text.splitlines()
                    self.run("sh", "-ec", "\n".join(line for line in lines if not line.startswith(LATER)))
                    yield from (line for line in lines if line.startswith(LATER))


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("how-to"))


@pytest.mark.timeout(600)
def test_the_pages_work_as_they_stand(workshop: Workshop) -> None:
    done = [step for page in PAGES for step in workshop.follow(page)]

    workshop.run("make", "gen")
    workshop.run(str(PYTHON), "-m", "tools.compatibility")
    tests = {step.partition("T=")[2] for step in done if isinstance(step, str) and step.startswith("make test")}
    workshop.run("make", "test", f"T={' '.join(sorted(tests))}")
    (migration,) = (workshop.root / "services/customer-svc/src/customer_svc/migrations/versions").glob("*fax*")
    changed = {step.path for step in done if isinstance(step, Change)} | {str(migration.relative_to(workshop.root))}
    python = " ".join(sorted(path for path in changed if path.endswith(".py")))
    for check in ("ruff format --check --quiet", "ruff check --quiet", "python -m tools.rules"):
        workshop.run("sh", "-c", f".venv/bin/{check} {python}")
    workshop.run(".venv/bin/lint-imports", "--no-logo")

    def text(path: str) -> str:
        return (workshop.root / path).read_text(encoding="utf-8")

    assert 'op.add_column("customers", sa.Column("fax", sa.Text(), nullable=True))' in migration.read_text()
    assert "/v1/customers/{customer_id}/grade" in text("services/customer-svc/openapi.json")
    assert "customer_has_left" in text("docs/reference/errors.md")
    assert "customer.graded" in text("docs/reference/events.md")
    assert "fax" in text("shared/contracts/schemas/customer.graded.json")
    assert "/v1/competitors" in text("services/customer-svc/openapi.json")
    assert "billing-svc-worker" in text("docker-compose.yml")


def test_a_block_that_does_not_fit_any_more_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\n", encoding="utf-8")
    page = "1. Do:\n   ```diff\n   a.py\n    {}\n   +three\n   ```\n"

    def change(line: str) -> Change:
        (step,) = steps(page.replace("{}", line))
        assert isinstance(step, Change)
        return step

    with pytest.raises(DoesNotFit):
        change("tw").apply(tmp_path)
    change("one").apply(tmp_path)

    assert (tmp_path / "a.py").read_text(encoding="utf-8") == "one\nthree\ntwo\n"
