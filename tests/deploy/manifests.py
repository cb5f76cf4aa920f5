"""The overlays as Kubernetes would get them."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = ("dev", "production")
Manifest = dict[str, Any]


def tool(name: str) -> str:
    """A program of the locked packages, beside the Python that runs the tests."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is not installed: make setup"
    return found


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    """Everything in an overlay."""
    folder = ROOT / "deploy" / "k8s" / "overlays" / overlay
    done = subprocess.run([tool("kubectl"), "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def named(overlay: str, kind: str) -> dict[str, Manifest]:
    """The resources of one kind, by name."""
    return {one["metadata"]["name"]: one for one in rendered(overlay) if one["kind"] == kind}


@dataclass(frozen=True)
class Pod:
    """A pod that something of ours makes."""

    owner: str
    spec: Manifest
    labels: Mapping[str, str]

    @property
    def containers(self) -> list[Manifest]:
        """All of its containers, also those that only begin."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    @property
    def component(self) -> str:
        """Which part it plays; empty for what is not ours."""
        return self.labels.get("app.kubernetes.io/component", "")


def pods(overlay: str) -> Iterator[Pod]:
    """Every pod of the overlay's own workloads; those of custom resources are their operators'."""
    for one in rendered(overlay):
        if one["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"}:
            template = one["spec"]["template"]
            owner = f"{one['kind']}/{one['metadata']['name']}"
            yield Pod(owner, template["spec"], template["metadata"]["labels"])


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Whether a label selector, as in policies, means a pod with these labels."""
    if any(labels.get(name) != value for name, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_holds(rule, labels) for rule in selector.get("matchExpressions", ()))


def _holds(rule: Manifest, labels: Mapping[str, str]) -> bool:
    if rule["operator"] == "Exists":
        return rule["key"] in labels
    assert rule["operator"] == "In", rule
    return labels.get(rule["key"]) in rule["values"]
