import tomllib

import pytest

from crm_runtime.topology import TOPOLOGY
from tools.layout import ROOT, Distribution, deployables
from tools.rules.catalogue import slices_of

SERVICES = [one for one in deployables() if one.is_service]
LAYERS = {"endpoints", "consumers", "operations", "service", "repository", "models", "schemas", "domain", "errors"}


def test_what_is_deployed_is_what_is_in_the_repository() -> None:
    assert {one.name for one in TOPOLOGY.deployables} == {one.name for one in deployables()}
    assert {one.package for one in TOPOLOGY.deployables} == {one.package for one in deployables()}


def test_every_process_has_a_port_of_its_own() -> None:
    ports = [port for _, port in TOPOLOGY.ports()]
    assert len(ports) == len(set(ports))


@pytest.mark.parametrize("one", deployables(), ids=lambda one: one.name)
def test_a_deployable_has_the_parts_that_people_look_for(one: Distribution) -> None:
    package = one.sources / one.package
    expected = [
        one.folder / "README.md",
        one.folder / "openapi.json",
        package / "main.py",
        package / "worker.py",
        package / "metadata.py",
        package / "migrations" / "env.py",
        package / "migrations" / "script.py.mako",
        package / "py.typed",
        one.tests / f"{one.package}_tests" / "__init__.py",
    ]
    assert [str(path) for path in expected if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("one", deployables(), ids=lambda one: one.name)
def test_a_deployable_depends_on_no_other(one: Distribution) -> None:
    project = tomllib.loads((ROOT / one.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {name for name in project["dependencies"] if name in {other.name for other in deployables()}} == set()
    assert project["requires-python"] == ">=3.11"


@pytest.mark.parametrize("one", SERVICES, ids=lambda one: one.name)
def test_every_slice_appears_in_the_tests_of_its_service(one: Distribution) -> None:
    tests = (ROOT / one.tests / f"{one.package}_tests").rglob("test_*.py")
    words = " ".join(f"{path} {path.read_text(encoding='utf-8')}" for path in tests).replace("-", "_")
    assert {name for name in slices_of(ROOT, one) if name not in words} == set()


@pytest.mark.parametrize("one", SERVICES, ids=lambda one: one.name)
def test_the_files_of_a_slice_have_the_names_that_people_know(one: Distribution) -> None:
    package = ROOT / one.sources / one.package
    extra = {
        f"{path.parent.name}/{path.name}"
        for name in slices_of(ROOT, one)
        for path in (package / name).glob("*.py")
        if path.stem not in LAYERS | {"__init__"}
    }
    assert extra == set()


@pytest.mark.parametrize("one", deployables(), ids=lambda one: one.name)
def test_the_migrations_of_a_deployable_are_one_line(one: Distribution) -> None:
    versions = sorted((ROOT / one.sources / one.package / "migrations" / "versions").glob("[0-9]*.py"))
    assert [path.name[:4] for path in versions] == [f"{number:04d}" for number in range(1, len(versions) + 1)]
    assert versions != []
