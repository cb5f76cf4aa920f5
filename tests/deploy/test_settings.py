"""Compose, Kubernetes and `crm up` start the same processes with the same settings, on the same ports."""

import json
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from crm_platform.prepare import PrepareSettings
from crm_platform.settings import ServiceSettings
from crm_runtime.environment import Connections, process_environment
from crm_runtime.program import Commands, filled_in
from crm_runtime.topology import TOPOLOGY
from tests.deploy.containers import PLACES, Container, compose_file, containers
from tests.deploy.manifests import named
from tools.gen.settings import rows_of, settings_classes
from tools.gen.system import services
from tools.layout import deployables

ALL = tuple(containers())
PROCESSES = [one for one in ALL if one.module in {"crm_platform.serve", "crm_platform.work"}]
DISTRIBUTIONS = {one.name: one for one in deployables()}


def _settings_of(container: Container) -> type[BaseSettings]:
    if container.module == "crm_platform.prepare":
        return PrepareSettings
    own = settings_classes(DISTRIBUTIONS[container.image])
    return own[0] if own else ServiceSettings


def _known(kind: type[BaseSettings]) -> dict[str, str]:
    """Every variable of these settings, with its default."""
    return {name.strip("`"): default for name, _, default, _ in rows_of(kind)}


def _is_known(name: str, kind: type[BaseSettings]) -> bool:
    return name in _known(kind) or name.startswith("CRM_PREPARE__PASSWORDS__")


@pytest.mark.parametrize("container", ALL, ids=str)
def test_every_variable_is_a_setting_and_every_required_setting_is_given(container: Container) -> None:
    kind = _settings_of(container)
    ours = {name for name in container.environment if name.startswith("CRM_")}
    image = {"CRM_SERVICE", "CRM_HTTP__HOST", "CRM_HTTP__PORT"}
    assert not [name for name in ours - image if not _is_known(name, kind)]
    required = {name for name, default in _known(kind).items() if default == "required"}
    if container.module == "crm_platform.prepare":
        required.discard("CRM_PREPARE__PASSWORDS")
        required |= {f"CRM_PREPARE__PASSWORDS__{one.role.upper()}" for one in TOPOLOGY.deployables}
    if container.module == "crm_platform.migrate":
        required = {"CRM_DB__URL"}
    assert required <= ours


@pytest.mark.parametrize("container", PROCESSES, ids=str)
def test_a_process_accepts_its_environment_and_serves_where_the_topology_says(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in container.environment.items():
        monkeypatch.setenv(name, value)
    settings = _settings_of(container)()
    assert isinstance(settings, ServiceSettings)
    one = TOPOLOGY.find(container.image)
    assert one is not None
    worker = container.module == "crm_platform.work"
    assert settings.service == one.name
    assert settings.http.host == "0.0.0.0"  # noqa: S104  (inside a container of its own)
    assert settings.http.port == (one.worker_port if worker else one.api_port)
    assert settings.db.url.startswith(f"postgresql://{one.role}:from-a-secret@")
    assert settings.auth.jwks_url == f"http://gateway:{TOPOLOGY.gateway.api_port}/.well-known/jwks.json"
    command = Commands().work if worker else Commands().serve
    assert list(container.command) == filled_in(command, one.package)[1:]


@pytest.mark.parametrize("place", PLACES)
def test_a_deployable_is_told_all_that_crm_up_tells_it(place: str) -> None:
    connections = Connections(
        database_urls={one.package: "" for one in TOPOLOGY.deployables},
        kafka_bootstrap="",
        operator_token="",
        secret_keys={one.package: "" for one in TOPOLOGY.deployables},
        audit_keys={one.package: "" for one in TOPOLOGY.deployables},
        sealing_keys={one.package: "" for one in TOPOLOGY.deployables},
        index_secrets={one.package: "" for one in TOPOLOGY.deployables},
        audit_dir=Path(),
        objects_dir=Path(),
    )
    for one in TOPOLOGY.deployables:
        told = {
            name
            for container in PROCESSES
            if (container.place, container.image) == (place, one.name)
            for name in container.environment
        }
        embedded = {name for name in process_environment(TOPOLOGY, connections, one, port=1) if name.startswith("CRM_")}
        if one is not TOPOLOGY.gateway:
            embedded -= {"CRM_SERVICES", "CRM_SECRET_KEY"}  # settings of the gateway alone
        assert embedded <= told


def test_whoever_seals_personal_data_is_given_keys() -> None:
    sealing = {one.name for one, service in services() if service.seals}
    assert sealing <= {one.name for one in TOPOLOGY.deployables if one.seals}


@pytest.mark.parametrize("place", PLACES)
def test_the_gateway_finds_every_service(place: str) -> None:
    (gateway,) = (
        one for one in PROCESSES if (one.place, one.image, one.module) == (place, "gateway", "crm_platform.serve")
    )
    addresses = {one.name: f"http://{one.name}:{one.api_port}" for one in TOPOLOGY.services}
    assert json.loads(gateway.environment["CRM_SERVICES"]) == addresses
    if place == "compose":
        assert addresses.keys() <= compose_file()["services"].keys()
    else:
        for one in TOPOLOGY.deployables:
            assert [port["port"] for port in named(place, "Service")[one.name]["spec"]["ports"]] == [one.api_port]


def test_each_api_and_each_worker_is_a_container_of_its_own_everywhere() -> None:
    wanted = {
        (one.name, module) for one in TOPOLOGY.deployables for module in ("crm_platform.serve", "crm_platform.work")
    }
    for place in PLACES:
        found = [(one.image, one.module) for one in PROCESSES if one.place == place]
        assert sorted(found) == sorted(wanted)


def test_only_workers_know_what_signs_the_audit_and_how_to_reach_the_broker() -> None:
    kept = {"CRM_AUDIT__SIGNING_KEY", "CRM_AUDIT__CHECKPOINT_DIR", "CRM_OPERATOR_TOKEN", "CRM_KAFKA__BOOTSTRAP"}
    for one in PROCESSES:
        known = {name for name in one.environment if name.startswith(("CRM_KAFKA", "CRM_AUDIT", "CRM_OPERATOR"))}
        if one.module == "crm_platform.work":
            assert kept <= known
        else:
            assert not known


def test_on_one_node_processes_find_the_database_and_the_broker_at_their_services() -> None:
    services = {name: one["spec"]["ports"][0]["port"] for name, one in named("dev", "Service").items()}
    for one in (one for one in PROCESSES if one.place == "dev"):
        assert f"@postgres:{services['postgres']}/crm?" in one.environment["CRM_DB__URL"]
        if one.module == "crm_platform.work":
            assert one.environment["CRM_KAFKA__BOOTSTRAP"] == f"kafka:{services['kafka']}"


def test_in_production_processes_check_whom_they_speak_to_and_log_in() -> None:
    (listener,) = named("production", "Kafka")["crm"]["spec"]["kafka"]["listeners"]
    for one in (one for one in PROCESSES if one.place == "production"):
        works = one.module == "crm_platform.work"
        place = (
            f"@{'crm-db-rw' if works else 'crm-db-pooler'}:5432/crm?sslmode=verify-full&sslrootcert=/run/tls/postgres/"
        )
        assert place in one.environment["CRM_DB__URL"]
        if works:
            assert one.environment["CRM_KAFKA__BOOTSTRAP"] == f"crm-kafka-bootstrap:{listener['port']}"
            assert one.environment["CRM_KAFKA__SECURITY"] == "SASL_SSL"
            assert one.environment["CRM_KAFKA__USERNAME"] == one.image
