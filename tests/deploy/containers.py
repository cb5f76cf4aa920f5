"""Every container of ours, wherever it is described, with the environment in which its process would start."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.deploy.manifests import OVERLAYS, ROOT, Manifest, named, pods

SECRET = "from-a-secret"
PLACES = ("compose", *OVERLAYS)
_VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")


@dataclass(frozen=True)
class Container:
    """One container that runs an image of ours."""

    place: str
    name: str
    image: str
    """Name of the deployable, such as `customer-svc`."""
    command: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def module(self) -> str:
        """What it runs: crm_platform.serve, work, migrate or prepare."""
        return self.command[1]

    def __str__(self) -> str:
        return f"{self.place}/{self.name}"


@cache
def compose_file() -> Manifest:
    """docker-compose.yml as it stands, with its variables not filled in."""
    content: Manifest = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return content


def filled_in(text: str, secrets: Mapping[str, str] | None = None) -> str:
    """A text of the compose file as with an `.env` that has all secrets and nothing else."""
    known = secrets or {}
    return _VARIABLE.sub(lambda found: found[3] if found[2] == ":-" else known.get(found[1], SECRET), text)


@cache
def image_environment(image: str) -> Mapping[str, str]:
    """What the last stage of a Dockerfile sets."""
    folder = ROOT / image if image == "gateway" else ROOT / "services" / image
    lines = (folder / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    words = [word for line in lines[last:] if line.startswith("ENV ") for word in shlex.split(line)[1:]]
    return dict(word.split("=", 1) for word in words)


def compose_containers(secrets: Mapping[str, str] | None = None) -> Iterator[Container]:
    """Those of the compose file."""
    for name, service in compose_file()["services"].items():
        if service["image"].startswith("guanxi/"):
            image = filled_in(service["image"]).removeprefix("guanxi/").partition(":")[0]
            own = {key: filled_in(value, secrets) for key, value in service["environment"].items()}
            environment = {**image_environment(image), **own}
            yield Container("compose", name, image, tuple(service["command"]), environment)


def containers() -> Iterator[Container]:
    """All of them, everywhere."""
    yield from compose_containers()
    for overlay in OVERLAYS:
        for pod in pods(overlay):
            for one in pod.containers:
                if "guanxi/" in one["image"]:
                    image = one["image"].partition("guanxi/")[2].partition(":")[0]
                    environment = {**image_environment(image), **_variables(overlay, one)}
                    name = f"{pod.owner}/{one['name']}"
                    yield Container(overlay, name, image, tuple(one["args"]), environment)


def _variables(overlay: str, container: Manifest) -> dict[str, str]:
    """The environment of a pod's container: references followed, `$(NAME)` expanded with what stands before."""
    maps = {name: one["data"] for name, one in named(overlay, "ConfigMap").items()}
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        found |= maps[source["configMapRef"]["name"]]
    for entry in container.get("env", ()):
        value = _value(entry, maps)
        if value is not None:
            found[entry["name"]] = re.sub(r"\$\((\w+)\)", lambda match: found[match[1]], value)
    return found


def _value(entry: Manifest, maps: Mapping[str, Mapping[str, str]]) -> str | None:
    source: dict[str, Any] = entry.get("valueFrom", {})
    if "secretKeyRef" in source:
        return SECRET
    if "configMapKeyRef" in source:
        return maps[source["configMapKeyRef"]["name"]][source["configMapKeyRef"]["key"]]
    value: str = entry["value"]
    return value


def clean_environment() -> dict[str, str]:
    """The environment of this process without what would reach settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CRM_", "PG", "PYTHON"))}
