"""The compose file: bounded containers without rights, started in order, reached from this machine only."""

import re

import pytest

from crm_platform.settings import HttpSettings
from crm_runtime.deployment_secrets import deployment_secrets
from crm_runtime.topology import TOPOLOGY
from tests.deploy.containers import compose_file, filled_in
from tests.deploy.manifests import ROOT

SERVICES = compose_file()["services"]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
_VARIABLE = re.compile(r"\$\{(\w+)([^}]*)\}")


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_rights_and_bounds(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert {"memory", "pids"} <= one["deploy"]["resources"]["limits"].keys()
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc"} & one.keys()
    assert filled_in(one["image"]).rpartition(":")[2] not in {"", "latest"}
    assert not [volume for volume in one.get("volumes", ()) if "docker.sock" in volume]


def test_everything_is_published_on_the_loopback_alone() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert all(filled_in(port).startswith("127.0.0.1:") for ports in published.values() for port in ports)
    gateway, broker = TOPOLOGY.gateway.api_port, TOPOLOGY.broker_port
    assert filled_in(published["gateway"][0]) == f"127.0.0.1:{gateway}:{gateway}"
    assert published["kafka"] == [f"127.0.0.1:{broker}:{broker}"]
    assert {name for name in published if not SERVICES[name].get("profiles")} == {"gateway", "kafka"}
    assert compose_file()["networks"]["inside"]["internal"] is True
    assert {name for name, one in SERVICES.items() if "front" in one["networks"]} == published.keys()


def test_each_process_starts_after_its_migration_and_that_after_the_roles_are_there() -> None:
    done, healthy = {"condition": "service_completed_successfully"}, {"condition": "service_healthy"}
    assert SERVICES["prepare-database"]["depends_on"] == {"postgres": healthy}
    for one in TOPOLOGY.deployables:
        migrate = f"{one.name}-migrate"
        assert SERVICES[migrate]["depends_on"] == {"prepare-database": done}
        assert SERVICES[migrate]["restart"] == "no"
        assert SERVICES[one.name]["depends_on"] == {migrate: done}
        assert SERVICES[one.worker_name]["depends_on"] == {migrate: done, "kafka": healthy}
    assert {"test", "interval", "start_period"} <= SERVICES["postgres"]["healthcheck"].keys()
    assert {"test", "interval", "start_period"} <= SERVICES["kafka"]["healthcheck"].keys()


def test_processes_get_the_time_to_finish() -> None:
    for one in TOPOLOGY.deployables:
        for name in (one.name, one.worker_name):
            assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > HttpSettings().drain_seconds
            assert SERVICES[name]["restart"] == "unless-stopped"


def test_what_must_last_is_on_volumes_that_have_a_name() -> None:
    volumes = {name: one["volumes"] for name, one in SERVICES.items() if "volumes" in one and not one.get("profiles")}
    assert volumes.pop("postgres") == ["postgres:/var/lib/postgresql"]
    assert volumes.pop("kafka") == ["kafka:/var/lib/kafka/data"]
    objects = ["objects:/var/lib/crm/objects"]
    assert volumes == {
        **{one.worker_name: ["audit:/var/lib/crm/audit"] for one in TOPOLOGY.deployables if not one.keeps_files},
        **{one.worker_name: ["audit:/var/lib/crm/audit", *objects] for one in TOPOLOGY.deployables if one.keeps_files},
        **{one.name: objects for one in TOPOLOGY.deployables if one.keeps_files},
    }
    assert {"postgres", "kafka", "audit", "objects"} <= compose_file()["volumes"].keys()


def test_nothing_starts_without_a_secret_and_none_has_a_default() -> None:
    secrets = {one.variable for one in deployment_secrets(TOPOLOGY)}
    used = _VARIABLE.findall(TEXT)
    assert {name for name, rest in used if rest.startswith(":?")} == secrets
    assert {name for name, rest in used if not rest.startswith(":-")} == secrets
    assert not [name for name, rest in used if rest.startswith(":-") and name in secrets]


def test_the_example_names_every_variable_and_gives_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    empty = {line.removesuffix("=") for line in lines if line.endswith("=") and not line.startswith("#")}
    offered = {line.removeprefix("# ").partition("=")[0] for line in lines if re.match(r"# [A-Z_]+=", line)}
    assert empty == {one.variable for one in deployment_secrets(TOPOLOGY)}
    assert empty | offered == {name for name, _ in _VARIABLE.findall(TEXT)}


def test_files_that_are_mounted_are_there() -> None:
    mounted = [volume for one in SERVICES.values() for volume in one.get("volumes", ()) if volume.startswith("./")]
    assert mounted
    assert all(volume.endswith(":ro") for volume in mounted)
    assert not [volume for volume in mounted if not (ROOT / volume.split(":")[0]).exists()]
