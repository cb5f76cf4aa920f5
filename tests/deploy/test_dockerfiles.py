"""The images: from locks with hashes, without a compiler, without rights, one of them for all processes."""

import re
import subprocess
from pathlib import Path

import pytest

from crm_runtime.program import Commands, filled_in
from crm_runtime.topology import TOPOLOGY, Deployable
from tests.deploy.manifests import ROOT, tool
from tools.layout import deployables
from tools.locks import lock_of

PLACES = {one.name: one for one in deployables()}
EACH = pytest.mark.parametrize("one", TOPOLOGY.deployables, ids=lambda one: one.name)


def _stages(one: Deployable) -> dict[str, list[str]]:
    """The instructions of each stage, each on one line."""
    text = (ROOT / PLACES[one.name].folder / "Dockerfile").read_text(encoding="utf-8")
    stages: dict[str, list[str]] = {"": []}
    name = ""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        found = re.fullmatch(r"FROM \S+ AS (\w+)", line)
        if found:
            name = found[1]
            stages[name] = []
        elif line and not line.startswith("#"):
            stages[name].append(line)
    return stages


def _copied(instructions: list[str]) -> list[str]:
    return [word for line in instructions if line.startswith("COPY ") for word in line.split()[1:-1]]


@EACH
def test_the_linter_has_nothing_to_say(one: Deployable) -> None:
    file = ROOT / PLACES[one.name].folder / "Dockerfile"
    done = subprocess.run([tool("hadolint"), str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@EACH
def test_it_installs_its_own_lock_with_hashes_and_only_wheels(one: Deployable) -> None:
    stages = _stages(one)
    assert list(stages) == ["", "build", "runtime"]
    place = PLACES[one.name]
    ours = ["shared/contracts", "shared/platform", str(place.folder)]
    assert _copied(stages["build"]) == ["requirements/bootstrap.lock", str(lock_of(place)), *ours]
    installing = [
        command
        for line in stages["build"]
        if line.startswith("RUN ")
        for command in line.split("&&")
        if " install " in command
    ]
    assert len(installing) == 3
    for command in installing:
        if "/wheels/" in command:
            assert {"--offline", "--no-deps"} <= set(command.split())
        else:
            assert "--require-hashes" in command.split()
            assert {"--no-build", "--only-binary=:all:"} & set(command.split())


@EACH
def test_what_runs_is_small_and_has_no_rights(one: Deployable) -> None:
    runtime = _stages(one)["runtime"]
    assert _copied(runtime) == ["--from=build", "/opt/crm"]
    assert not [line for line in runtime if re.search(r"\b(apt-get|apk|pip|uv|gcc|curl|wget)\b", line)]
    users = [line for line in runtime if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    assert runtime.index(users[0]) > max(runtime.index(line) for line in runtime if line.startswith("RUN "))
    assert f"EXPOSE {one.api_port} {one.worker_port}" in runtime


@EACH
def test_one_image_is_the_api_and_by_another_command_the_worker_and_the_migrations(one: Deployable) -> None:
    runtime = _stages(one)["runtime"]
    words = ", ".join(f'"{word}"' for word in filled_in(Commands().serve, one.package)[1:])
    assert runtime[-2:] == ['ENTRYPOINT ["python"]', f"CMD [{words}]"]
    (check,) = (line for line in runtime if line.startswith("HEALTHCHECK "))
    assert check.endswith('CMD ["python", "-m", "crm_platform.probe"]')


def test_what_is_not_copied_does_not_even_reach_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    rules = [line for line in lines if line.startswith(("*", "!"))]
    assert rules[0] == "*"
    kept = {Path(line.removeprefix("!")).parts[0] for line in rules if line.startswith("!")}
    assert kept == {"requirements", "shared", "services", "gateway"}
    assert "**/tests" in rules
