"""Whether Kubernetes and Compose would take the files at all.

There is no package with the schemas of Strimzi's, CloudNativePG's and KEDA's resources: of those, version, kind and
the fields without which their operators do nothing are checked here.
"""

import subprocess
from typing import Any

import kubernetes_validate
import pytest

from tests.deploy.manifests import OVERLAYS, ROOT, Manifest, rendered, tool

KUBERNETES = "1.37"
CUSTOM: dict[tuple[str, str], tuple[str, ...]] = {
    ("kafka.strimzi.io/v1", "Kafka"): ("kafka.version", "kafka.metadataVersion", "kafka.listeners"),
    ("kafka.strimzi.io/v1", "KafkaNodePool"): ("replicas", "roles", "storage.type", "storage.volumes"),
    ("kafka.strimzi.io/v1", "KafkaTopic"): ("topicName", "partitions", "replicas", "config"),
    ("kafka.strimzi.io/v1", "KafkaUser"): ("authentication.type", "authorization.type", "authorization.acls"),
    ("postgresql.cnpg.io/v1", "Cluster"): ("instances", "storage.size", "imageCatalogRef.major", "bootstrap.initdb"),
    ("postgresql.cnpg.io/v1", "Database"): ("cluster.name", "name", "owner", "extensions"),
    ("postgresql.cnpg.io/v1", "Pooler"): ("cluster.name", "type", "instances", "pgbouncer.poolMode"),
    ("keda.sh/v1alpha1", "ScaledObject"): ("scaleTargetRef.name", "minReplicaCount", "maxReplicaCount", "triggers"),
    ("keda.sh/v1alpha1", "TriggerAuthentication"): ("env", "secretTargetRef"),
}


def _is_custom(manifest: Manifest) -> bool:
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." in group and not group.endswith(".k8s.io")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_resource_of_kubernetes_fits_its_schema(overlay: str) -> None:
    own = [one for one in rendered(overlay) if not _is_custom(one)]
    assert own
    for manifest in own:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


@pytest.mark.parametrize("change", [{"replicas": "two"}, {"minReadyseconds": 5}], ids=["type", "unknown field"])
def test_the_schema_finds_what_is_wrong(change: dict[str, Any]) -> None:
    deployment = next(one for one in rendered("dev") if one["kind"] == "Deployment")
    wrong = {**deployment, "spec": {**deployment["spec"], **change}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_custom_resource_is_of_a_known_kind_and_has_what_its_operator_needs(overlay: str) -> None:
    custom = [one for one in rendered(overlay) if _is_custom(one)]
    assert {(one["apiVersion"], one["kind"]) for one in custom} == ({*CUSTOM} if overlay == "production" else set())
    for manifest in custom:
        for path in CUSTOM[manifest["apiVersion"], manifest["kind"]]:
            found: Any = manifest["spec"]
            for name in path.split("."):
                found = found[name]
            assert found, f"{manifest['kind']}/{manifest['metadata']['name']}: {path}"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_are_unique_and_everything_is_in_one_namespace(overlay: str) -> None:
    names = [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in rendered(overlay)]
    assert sorted(set(names)) == sorted(names)
    assert {one["metadata"].get("namespace", "crm") for one in rendered(overlay)} == {"crm"}


def test_the_compose_file_fits_the_schema_of_compose_files() -> None:
    command = [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
