"""The table of deployables and its ports."""

from crm_runtime.ports import is_free
from crm_runtime.topology import TOPOLOGY


def test_ports_and_names_are_unique() -> None:
    names, ports = zip(*TOPOLOGY.ports(), strict=True)
    assert len(set(names)) == len(names) == len(set(ports)) == 14


def test_every_port_is_shifted() -> None:
    shifted = dict(TOPOLOGY.shifted(100).ports())
    assert shifted == {name: port + 100 for name, port in TOPOLOGY.ports()}


def test_free_ports_are_free_and_below_the_range_of_outgoing_connections() -> None:
    ports = [port for _, port in TOPOLOGY.on_free_ports().ports()]
    assert len(set(ports)) == 14
    assert all(is_free(port) and port < 32768 for port in ports)


def test_a_deployable_is_found_by_name_or_package() -> None:
    found = TOPOLOGY.find("service-desk-svc")
    assert found is not None
    assert found is TOPOLOGY.find("service_desk_svc")
    assert (found.schema, found.api_port, found.worker_port) == ("service_desk_svc", 8103, 8203)
    assert TOPOLOGY.find("nothing") is None
    assert TOPOLOGY.gateway.api_url == "http://127.0.0.1:8080"
    assert len(TOPOLOGY.services) == 5
