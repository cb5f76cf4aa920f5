"""The table of deployables and its ports."""

import asyncio
import socket

import pytest

from crm_runtime.errors import RuntimeProblem
from crm_runtime.ports import free_ports, is_free, wait_until_free
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


async def test_a_port_held_by_an_ended_connection_is_waited_for() -> None:
    """Nobody listens on it, but it is bound, as the source port of a connection is until its last minute is over."""
    (port,) = free_ports(1)
    with socket.socket() as remains:
        remains.bind(("127.0.0.1", port))
        waiting = asyncio.create_task(wait_until_free(port, "a server"))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
    await asyncio.wait_for(waiting, 5)


async def test_a_port_that_somebody_listens_on_is_a_problem_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(RuntimeProblem, match="which a server wants, is taken"),
    ):
        await wait_until_free(server.getsockname()[1], "a server")


def test_a_deployable_is_found_by_name_or_package() -> None:
    found = TOPOLOGY.find("service-desk-svc")
    assert found is not None
    assert found is TOPOLOGY.find("service_desk_svc")
    assert (found.schema, found.api_port, found.worker_port) == ("service_desk_svc", 8103, 8203)
    assert TOPOLOGY.find("nothing") is None
    assert TOPOLOGY.gateway.api_url == "http://127.0.0.1:8080"
    assert len(TOPOLOGY.services) == 5
