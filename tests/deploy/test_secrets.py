"""Whatever the manifests refer to is made by `crm secrets` or by an operator, and nothing is made for nobody."""

from collections.abc import Iterator

import pytest

from crm_runtime.deployment_secrets import POSTGRES_ADMIN, deployment_secrets
from crm_runtime.topology import TOPOLOGY
from tests.deploy.manifests import OVERLAYS, Pod, named, pods

MADE = {(one.holder, one.key) for one in deployment_secrets(TOPOLOGY) if one.holder} | {(POSTGRES_ADMIN, "username")}


def _referred(pod: Pod) -> Iterator[tuple[str, str]]:
    for container in pod.containers:
        for entry in container.get("env", ()):
            reference = entry.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                yield reference["name"], reference["key"]
    for volume in pod.spec["volumes"]:
        for item in volume.get("secret", {}).get("items", ()):
            yield volume["secret"]["secretName"], item["key"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_reference_leads_somewhere_and_every_secret_is_wanted(overlay: str) -> None:
    referred = {reference for pod in pods(overlay) for reference in _referred(pod)}
    operators = {(f"{name}-ca", "ca.crt") for name in named(overlay, "Cluster")}
    operators |= {(f"{name}-cluster-ca-cert", "ca.crt") for name in named(overlay, "Kafka")}
    assert referred == MADE | operators


def test_the_login_of_a_worker_at_kafka_is_the_one_that_strimzi_makes() -> None:
    for one in TOPOLOGY.deployables:
        worker = next(pod for pod in pods("production") if pod.owner == f"Deployment/{one.worker_name}")
        (password,) = (
            entry["valueFrom"]["secretKeyRef"]
            for entry in worker.spec["containers"][0]["env"]
            if entry["name"] == "CRM_KAFKA__PASSWORD"
        )
        assert password["name"] in named("production", "KafkaUser")
        assert password["key"] == "password"
