"""Which broker a test run uses, by `pytest --kafka-backend=...`."""

import asyncio
from enum import StrEnum
from pathlib import Path

from crm_runtime.broker import EmbeddedBroker
from crm_runtime.ports import free_ports
from crm_runtime.testing.kafka.apache import ApacheKafka, record_classes
from crm_runtime.testing.kafka.archives import cache_folder, resolve
from crm_runtime.testing.kafka.container import ContainerBroker, pull
from crm_runtime.testing.kafka.disposable import DisposableBroker, DisposableProcess


class Backend(StrEnum):
    """The brokers that the same tests can run on."""

    EMBEDDED = "embedded"
    """The broker of the embedded system; needs nothing but the locked packages."""
    APACHE = "apache"
    """Apache Kafka from its Java archives; needs Java and Maven."""
    CONTAINER = "container"
    """Apache Kafka in a container; needs a Docker engine."""

    @property
    def is_apache_kafka(self) -> bool:
        """Whether it is Apache Kafka itself."""
        return self is not Backend.EMBEDDED


def prepare(backend: Backend) -> None:
    """Do what takes long on a machine that has never run this backend, and need not be done twice.

    Raises:
        RuntimeProblem: The machine lacks what the backend needs.
    """
    if backend is Backend.APACHE:
        archives = resolve(cache_folder())
        if not archives.shared_classes.is_file():
            asyncio.run(record_classes(archives))
    if backend is Backend.CONTAINER:
        pull()


def new_broker(backend: Backend, folder: Path) -> DisposableBroker:
    """A broker that is not started yet; it keeps its log, and its data unless in a container, in `folder`."""
    port, controller_port = free_ports(2)
    data_dir, log_file = folder / "broker", folder / "broker.log"
    if backend is Backend.EMBEDDED:
        return DisposableProcess(EmbeddedBroker(data_dir, port, log_file))
    if backend is Backend.APACHE:
        archives = resolve(cache_folder())
        return DisposableProcess(
            ApacheKafka(data_dir, port, log_file, controller_port=controller_port, archives=archives)
        )
    return ContainerBroker(port)
