"""What the documentation tells people to type exists, and what it links to is there."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.layout import ROOT

MAKE = re.compile(r"(?:^|[`$ ])make ((?:[a-z][a-z-]*|[A-Z]+=\S+)(?: (?:[A-Z]+=(?:\"[^\"]*\"|[^\s`]+)))*)(?=[`\s;,.]|$)")
CRM = re.compile(r"(?:^|[`/ ])crm ((?:[a-z]+)(?: [a-z]+)?)(?=[`\s]|$)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "examples/**/*.md",
        "services/*/README.md",
        "gateway/README.md",
        "bench/*.md",
    )
    for path in ROOT.glob(pattern)
)


def code_of(page: Path) -> Iterator[str]:
    """The pieces of a page that are set as code, fenced or inline."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```(?:sh|bash|console|)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))


def commands_of_crm(*group: str) -> set[str]:
    environment = {"COLUMNS": "200"}
    program = [str(ROOT / ".venv/bin/crm"), *group, "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    return {" ".join((*group, name)) for name in re.findall(r"^│ ([a-z-]+) ", done.stdout, flags=re.MULTILINE)}


@pytest.fixture(scope="module")
def crm_commands() -> set[str]:
    return commands_of_crm() | commands_of_crm("events") | commands_of_crm("audit") | commands_of_crm("secrets")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    named = {
        word
        for code in code_of(page)
        for match in MAKE.finditer(code.split(" #")[0])
        for word in shlex.split(match.group(1))
        if "=" not in word
    }
    assert named - make_targets() == set()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_of_crm_that_a_page_names_exists(page: Path, crm_commands: set[str]) -> None:
    named = {match.group(1) for code in code_of(page) for match in CRM.finditer(code.split(" #")[0])}
    groups = {command.split()[0] for command in crm_commands if " " in command}
    known = {name if name.split()[0] in groups else name.split()[0] for name in named}
    assert known - crm_commands == set()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_file_that_a_page_links_to_is_there(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in links if not (ROOT / page.parent / link).exists()] == []


def test_the_readme_names_the_command_that_runs_the_tests() -> None:
    assert "make test" in set(code_of(Path("README.md")))
