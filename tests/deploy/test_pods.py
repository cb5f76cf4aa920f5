"""What every pod promises to its neighbours: no rights, bounded, watched, and no secret written down."""

import json
import re
from typing import Any

import pytest

from crm_platform.settings import HttpSettings
from crm_runtime.topology import TOPOLOGY
from tests.deploy.manifests import OVERLAYS, Manifest, Pod, named, pods, rendered

PODS = [(f"{overlay}/{pod.owner}", pod) for overlay in OVERLAYS for pod in pods(overlay)]
EVERY_POD = [pytest.param(pod, id=name) for name, pod in PODS]
LASTING = [pytest.param(pod, id=name) for name, pod in PODS if not pod.owner.startswith("Job/")]
OURS = [pytest.param(pod, id=name) for name, pod in PODS if pod.component in {"api", "worker"}]


@pytest.mark.parametrize("pod", EVERY_POD)
def test_it_has_no_rights(pod: Pod) -> None:
    assert pod.spec["automountServiceAccountToken"] is False
    assert pod.spec["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys()
    security = pod.spec["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["runAsUser"] >= 999
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not [volume for volume in pod.spec["volumes"] if "hostPath" in volume]
    for container in pod.containers:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("pod", EVERY_POD)
def test_its_use_of_the_machine_is_bounded_and_its_image_is_named(pod: Pod) -> None:
    for container in pod.containers:
        for kind in ("requests", "limits"):
            assert {"cpu", "memory"} <= container["resources"][kind].keys()
        tag = container["image"].rpartition(":")[2]
        assert tag not in {"", "latest", container["image"]}


@pytest.mark.parametrize("pod", LASTING)
def test_it_is_watched(pod: Pod) -> None:
    for container in pod.spec["containers"]:
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()


@pytest.mark.parametrize("pod", OURS)
def test_ours_say_themselves_whether_they_are_ready_and_get_the_time_to_finish(pod: Pod) -> None:
    (container,) = pod.spec["containers"]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/health/live",
        "readiness": "/health/ready",
        "liveness": "/health/live",
    }
    assert {probe["port"] for probe in probes.values()} == {"http"}
    asleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod.spec["terminationGracePeriodSeconds"] > asleep + HttpSettings().drain_seconds
    assert [rule["topologyKey"] for rule in pod.spec["topologySpreadConstraints"]] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_are_only_referred_to(overlay: str) -> None:
    assert not named(overlay, "Secret")
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|SIGNING_KEY|KEK", re.IGNORECASE)
    for pod in pods(overlay):
        for container in pod.containers:
            for entry in container.get("env", ()):
                if secret.search(entry["name"]):
                    assert set(entry["valueFrom"]) == {"secretKeyRef"}, entry
                else:
                    assert not re.search(r"://[^$/]*:[^$]*@", entry.get("value", "")), entry
    for one in named(overlay, "ConfigMap").values():
        assert not [name for name in one["data"] if secret.search(name)]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_deployable_has_all_that_belongs_to_it(overlay: str) -> None:
    for one in TOPOLOGY.deployables:
        for name in (one.name, one.worker_name):
            assert name in named(overlay, "Deployment")
            budget = named(overlay, "PodDisruptionBudget")[name]["spec"]
            selector = named(overlay, "Deployment")[name]["spec"]["selector"]
            assert budget == {"maxUnavailable": 1, "selector": selector}
        assert f"{one.name}-migrate" in named(overlay, "Job")
        assert named(overlay, "ServiceAccount")[one.name]["automountServiceAccountToken"] is False
        assert _scaled(named(overlay, "HorizontalPodAutoscaler")[one.name]) == one.name
    assert "prepare-database" in named(overlay, "Job")


def _scaled(autoscaler: Manifest) -> str:
    target: dict[str, Any] = autoscaler["spec"]["scaleTargetRef"]
    assert target["kind"] == "Deployment"
    name: str = target["name"]
    return name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nobody_but_an_autoscaler_says_how_many_there_are_of_what_it_scales(overlay: str) -> None:
    scaled = {_scaled(one) for one in named(overlay, "HorizontalPodAutoscaler").values()}
    scaled |= {one["spec"]["scaleTargetRef"]["name"] for one in named(overlay, "ScaledObject").values()}
    counted = {name for name, one in named(overlay, "Deployment").items() if "replicas" in one["spec"]}
    assert not scaled & counted
    if overlay == "production":
        assert scaled | counted == named(overlay, "Deployment").keys()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_manifest_names_what_only_a_namespace_of_less_restriction_would_take(overlay: str) -> None:
    labels = named(overlay, "Namespace")["crm"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert "privileged" not in json.dumps(rendered(overlay))
