"""The Java archives of Apache Kafka: named in `pom.xml`, found by Maven, kept where Maven keeps them."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from crm_runtime.announcement import write_whole
from crm_runtime.errors import RuntimeProblem

POM = Path(__file__).with_name("pom.xml")
OLDEST_JAVA = 17
_MAVEN_SECONDS = 900.0
_JAVA_SECONDS = 60.0
_INSTEAD = "install Java 17 and Maven, or run these tests with --kafka-backend=container where Docker is"


@dataclass(frozen=True, kw_only=True)
class Archives:
    """What it takes to start a Java program of Apache Kafka."""

    java: Path
    classpath: tuple[Path, ...]
    shared_classes: Path
    """Kafka's classes as the JVM has them in memory, once they were recorded: it starts in half the time."""

    def command(self, *options: str) -> list[str]:
        """The command line up to the class to run."""
        sharing = [f"-XX:SharedArchiveFile={self.shared_classes}"] if self.shared_classes.is_file() else []
        return [str(self.java), *sharing, *options, "-cp", os.pathsep.join(map(str, self.classpath))]


def kafka_version(pom: Path = POM) -> str:
    """The version of Apache Kafka that `pom.xml` pins."""
    found = ET.parse(pom).findtext("{*}properties/{*}kafka.version")  # noqa: S314 - a file of our own
    if not found:
        raise ValueError(f"{pom} does not name a version")
    return found


def cache_folder() -> Path:
    """Where this machine keeps what can be made again."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "guanxi"


def resolve(cache: Path, pom: Path = POM) -> Archives:
    """Find Java, and the archives: by Maven the first time, which may download them, then from `cache`.

    Raises:
        RuntimeProblem: Java or Maven is not there, or Maven did not find the archives.
    """
    java, java_version = _java()
    key = hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    note = cache / f"kafka-{kafka_version(pom)}-{key}.classpath"
    cache.mkdir(parents=True, exist_ok=True)
    # Several runs may begin at once on a machine that has never done this.
    with note.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        classpath = _noted(note)
        if not classpath:
            write_whole(note, _ask_maven(pom, note.with_suffix(f".{os.getpid()}")))
            classpath = _noted(note)
    if not classpath:
        raise RuntimeProblem(f"Maven named archives of Apache Kafka that are not there, see {note}.")
    shared_classes = note.with_suffix(f".java-{java_version}.jsa")
    return Archives(java=java, classpath=classpath, shared_classes=shared_classes)


def _noted(note: Path) -> tuple[Path, ...]:
    """The archives of an earlier run; none when one of them has been cleaned away since."""
    try:
        paths = tuple(Path(text) for text in note.read_text(encoding="utf-8").strip().split(os.pathsep) if text)
    except FileNotFoundError:
        return ()
    return paths if all(path.is_file() for path in paths) else ()


def _java() -> tuple[Path, str]:
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        raise RuntimeProblem(f"Apache Kafka needs Java, which is not there; {_INSTEAD}.")
    done = subprocess.run(  # noqa: S603 - the machine's Java
        [found, "-version"], capture_output=True, text=True, timeout=_JAVA_SECONDS, check=False
    )
    said = done.stderr + done.stdout
    version = re.search(r'version "((\d+)[^"]*)"', said)
    if done.returncode or version is None:
        raise RuntimeProblem(f"{found} does not work; {_INSTEAD}.", log_lines=tuple(said.splitlines()[-5:]))
    if int(version[2]) < OLDEST_JAVA:
        raise RuntimeProblem(f"Apache Kafka needs Java {OLDEST_JAVA}, but {found} is Java {version[1]}; {_INSTEAD}.")
    return Path(found), version[1]


def _ask_maven(pom: Path, answer: Path) -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise RuntimeProblem(f"The archives of Apache Kafka come by Maven (mvn), which is not there; {_INSTEAD}.")
    command = [maven, "--batch-mode", "--quiet", "--file", str(pom), "dependency:build-classpath"]
    try:
        done = subprocess.run(  # noqa: S603 - the machine's Maven
            [*command, f"-Dmdep.outputFile={answer}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_MAVEN_SECONDS,
            check=False,
        )
        if done.returncode or not answer.is_file():
            lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
            raise RuntimeProblem("Maven did not find the archives of Apache Kafka.", log_lines=tuple(lines[:8]))
        return answer.read_text(encoding="utf-8")
    except subprocess.TimeoutExpired as error:
        raise RuntimeProblem(f"Maven did not end within {_MAVEN_SECONDS:.0f} s.") from error
    finally:
        answer.unlink(missing_ok=True)
