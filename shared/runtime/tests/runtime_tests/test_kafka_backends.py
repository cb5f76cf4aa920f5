"""The choice of the broker that tests run on, and what a machine without the means for it is told."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from crm_runtime.errors import RuntimeProblem
from crm_runtime.testing.kafka.archives import POM, kafka_version, resolve
from crm_runtime.testing.kafka.backend import Backend, new_broker
from crm_runtime.testing.kafka.container import ContainerBroker, environment, image
from crm_runtime.testing.kafka.disposable import DisposableProcess

from .support import DEADLINE_SECONDS

INNER_TESTS = """
import pytest

def test_of_ours():
    pass

@pytest.mark.kafka
def test_of_apache_kafka():
    pass
"""
NO_BUILD = "exit 1"


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs that is searched, beside those of every system; a good Java is in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    program(folder, "java", "echo 'openjdk version \"21.0.2\" 2024-01-16' >&2")
    return folder


def maven_that_finds(machine: Path, *archives: Path) -> Path:
    """Maven writes down each time it is asked, and answers with these archives."""
    asked = machine.parent / "asked"
    classpath = os.pathsep.join(map(str, archives))
    program(
        machine,
        "mvn",
        f"""echo "$@" >> {asked}
        for argument in "$@"; do case "$argument" in -Dmdep.outputFile=*)
            echo '{classpath}' > "${{argument#-Dmdep.outputFile=}}" ;; esac; done""",
    )
    return asked


def inner_run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(INNER_TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = kafka\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "crm_runtime.pytest_plugin", *arguments]
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JAVA_HOME"))}
    return subprocess.run(  # noqa: S603 - this project's own interpreter
        [*command, str(folder / "test_inner.py")],
        cwd=folder,
        env={**outer, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def test_tests_of_apache_kafka_are_left_out_on_the_embedded_broker(tmp_path: Path) -> None:
    done = inner_run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 deselected" in done.stdout


def test_machine_without_java_is_told_so_in_one_sentence(tmp_path: Path) -> None:
    done = inner_run(tmp_path, "--kafka-backend=apache", PATH=str(tmp_path))
    assert done.returncode == 3, done.stdout
    assert "Apache Kafka needs Java, which is not there; install Java 17 and Maven, or " in done.stdout
    assert "passed" not in done.stdout


def test_machine_without_docker_is_told_so_in_one_sentence(tmp_path: Path) -> None:
    done = inner_run(tmp_path, "--kafka-backend=container", DOCKER_HOST=f"unix://{tmp_path}/nothing.sock")
    assert done.returncode == 3, done.stdout
    assert f"--kafka-backend=container needs a Docker engine that can run {image()}: " in done.stdout
    assert "passed" not in done.stdout


def test_unknown_backend_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = inner_run(tmp_path, "--kafka-backend=redpanda")
    assert done.returncode == 4
    assert "choose from" in done.stderr
    assert all(backend.value in done.stderr for backend in Backend)


def test_archives_are_asked_of_maven_once_and_again_when_they_are_gone(machine: Path, tmp_path: Path) -> None:
    archive = tmp_path / "kafka.jar"
    archive.touch()
    asked = maven_that_finds(machine, archive)
    first = resolve(tmp_path / "cache")
    assert resolve(tmp_path / "cache") == first
    assert (first.java, first.classpath) == (machine / "java", (archive,))
    assert first.command("-Xmx1m") == [str(machine / "java"), "-Xmx1m", "-cp", str(archive)]
    assert len(asked.read_text(encoding="utf-8").splitlines()) == 1
    archive.unlink()
    with pytest.raises(RuntimeProblem, match="Maven named archives of Apache Kafka that are not there"):
        resolve(tmp_path / "cache")
    assert len(asked.read_text(encoding="utf-8").splitlines()) == 2


def test_recorded_classes_are_used_once_they_are_there(machine: Path, tmp_path: Path) -> None:
    archive = tmp_path / "kafka.jar"
    archive.touch()
    maven_that_finds(machine, archive)
    archives = resolve(tmp_path / "cache")
    archives.shared_classes.touch()
    assert f"-XX:SharedArchiveFile={archives.shared_classes}" in archives.command()
    assert archives.shared_classes.name.endswith(".java-21.0.2.jsa")


def test_failure_of_maven_is_shown(machine: Path, tmp_path: Path) -> None:
    program(machine, "mvn", "echo '[ERROR] no such archive'; exit 1")
    with pytest.raises(RuntimeProblem, match="Maven did not find the archives") as problem:
        resolve(tmp_path / "cache")
    assert problem.value.log_lines == ("[ERROR] no such archive",)


def test_old_java_and_missing_maven_are_named(machine: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeProblem, match=r"come by Maven \(mvn\), which is not there"):
        resolve(tmp_path / "cache")
    program(machine, "java", "echo 'openjdk version \"11.0.2\"' >&2")
    with pytest.raises(RuntimeProblem, match=r"needs Java 17, but .* is Java 11\.0\.2"):
        resolve(tmp_path / "cache")
    program(machine, "java", NO_BUILD)
    with pytest.raises(RuntimeProblem, match="does not work"):
        resolve(tmp_path / "cache")


def test_every_backend_has_its_broker(tmp_path: Path) -> None:
    assert isinstance(new_broker(Backend.EMBEDDED, tmp_path), DisposableProcess)
    assert isinstance(new_broker(Backend.CONTAINER, tmp_path), ContainerBroker)
    assert {backend.value: backend.is_apache_kafka for backend in Backend} == {
        "embedded": False,
        "apache": True,
        "container": True,
    }


def test_container_runs_the_same_version_and_names_the_port_of_the_host() -> None:
    variables = environment(19_092)
    assert image() == f"apache/kafka:{kafka_version()}"
    assert f"<kafka.version>{kafka_version()}</kafka.version>" in POM.read_text(encoding="utf-8")
    assert variables["KAFKA_ADVERTISED_LISTENERS"] == "CLIENTS://127.0.0.1:19092"
    assert variables["KAFKA_LISTENERS"].startswith("CLIENTS://:19092,")
    assert variables["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
