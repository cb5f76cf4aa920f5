"""Who may talk to whom: nobody, but for the ways that the system has."""

from collections.abc import Mapping

import pytest

from crm_runtime.topology import TOPOLOGY
from tests.deploy.manifests import OVERLAYS, Manifest, named, pods, selects

GATEWAY = TOPOLOGY.gateway


def _policies(overlay: str, direction: str, labels: Mapping[str, str]) -> list[Manifest]:
    policies = [one["spec"] for one in named(overlay, "NetworkPolicy").values()]
    return [one for one in policies if direction in one["policyTypes"] and selects(one["podSelector"], labels)]


def _allowed(rules: list[Manifest], side: str, peer: Mapping[str, str], port: int) -> bool:
    return any(
        any("podSelector" in one and selects(one["podSelector"], peer) for one in rule.get(side, ()))
        and port in {entry["port"] for entry in rule["ports"]}
        for rule in rules
    )


def _way(overlay: str, source: Mapping[str, str], target: Mapping[str, str], port: int) -> bool:
    """Whether a connection of one pod to another is let out there and let in here."""
    out = [rule for one in _policies(overlay, "Egress", source) for rule in one.get("egress", ())]
    into = [rule for one in _policies(overlay, "Ingress", target) for rule in one.get("ingress", ())]
    return _allowed(out, "to", target, port) and _allowed(into, "from", source, port)


def _labels(overlay: str) -> dict[str, Mapping[str, str]]:
    return {pod.owner.partition("/")[2]: pod.labels for pod in pods(overlay)}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_whatever_no_policy_allows_is_denied(overlay: str) -> None:
    assert named(overlay, "NetworkPolicy")["default-deny"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_between_processes_there_are_the_ways_of_the_gateway_and_no_other(overlay: str) -> None:
    labels = _labels(overlay)
    ports = {one.name: one.api_port for one in TOPOLOGY.deployables}
    ports |= {one.worker_name: one.worker_port for one in TOPOLOGY.deployables}
    ways = {
        (source, target)
        for source in labels
        for target in ports
        if _way(overlay, labels[source], labels[target], ports[target])
    }
    services = {one.name for one in TOPOLOGY.services}
    assert ways == {(GATEWAY.name, name) for name in services} | {(name, GATEWAY.name) for name in services}


DATABASES = {"dev": {"app.kubernetes.io/name": "postgres"}, "production": {"cnpg.io/cluster": "crm-db"}}
BROKERS = {"dev": {"app.kubernetes.io/name": "kafka"}, "production": {"strimzi.io/cluster": "crm"}}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_all_of_ours_reach_the_database(overlay: str) -> None:
    database = {**DATABASES[overlay], "crm/layer": "database"}
    reaching = {name for name, labels in _labels(overlay).items() if _way(overlay, labels, database, 5432)}
    assert reaching == _labels(overlay).keys() - {"postgres", "kafka"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_workers_reach_the_broker(overlay: str) -> None:
    broker = {**BROKERS[overlay], "crm/layer": "broker"}
    port = 9092 if overlay == "dev" else 9093
    labels = _labels(overlay)
    out = {
        name
        for name in labels
        if _allowed(
            [rule for one in _policies(overlay, "Egress", labels[name]) for rule in one.get("egress", ())],
            "to",
            broker,
            port,
        )
    }
    workers = {one.worker_name for one in TOPOLOGY.deployables}
    assert out - {"kafka"} == workers
    if overlay == "dev":  # Strimzi writes the other half itself, from the listener
        assert {name for name in workers if _way(overlay, labels[name], broker, port)} == workers
    else:
        (listener,) = named(overlay, "Kafka")["crm"]["spec"]["kafka"]["listeners"]
        peers = [one["podSelector"] for one in listener["networkPolicyPeers"] if "podSelector" in one]
        assert {name for name in labels if any(selects(one, labels[name]) for one in peers)} == workers
