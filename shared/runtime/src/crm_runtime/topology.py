"""What is deployed: the one table of every deployable and its addresses.

Compose files, Kubernetes manifests and the embedded system are all derived from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from crm_runtime.ports import LOOPBACK, free_ports


class Kind(StrEnum):
    """What part a deployable plays."""

    SERVICE = "service"
    GATEWAY = "gateway"


@dataclass(frozen=True, kw_only=True)
class Deployable:
    """One independently deployed program: an API process and a worker process over one schema."""

    name: str
    package: str
    kind: Kind
    api_port: int
    worker_port: int
    seals: bool = False
    """Whether it keeps personal data sealed, and so needs the keys for it."""
    keeps_files: bool = False
    """Whether it keeps files, and so needs a place for them that all its processes see."""

    @property
    def role(self) -> str:
        """The PostgreSQL role its processes log in with; it owns the schema of the same name."""
        return self.package

    @property
    def schema(self) -> str:
        """The PostgreSQL schema that holds all its tables."""
        return self.package

    @property
    def api_url(self) -> str:
        """Address of the API process."""
        return f"http://{LOOPBACK}:{self.api_port}"

    @property
    def worker_url(self) -> str:
        """Address of the worker process (health, metrics, operator endpoints)."""
        return f"http://{LOOPBACK}:{self.worker_port}"

    @property
    def worker_name(self) -> str:
        """Name of the worker process; the API process has the deployable's own name."""
        return f"{self.name}-worker"


@dataclass(frozen=True, kw_only=True)
class Topology:
    """All deployables and the ports of the infrastructure of one running system."""

    deployables: tuple[Deployable, ...]
    postgres_port: int
    broker_port: int

    @property
    def gateway(self) -> Deployable:
        """The one deployable that clients talk to."""
        return next(one for one in self.deployables if one.kind is Kind.GATEWAY)

    @property
    def services(self) -> tuple[Deployable, ...]:
        """The deployables behind the gateway."""
        return tuple(one for one in self.deployables if one.kind is Kind.SERVICE)

    def find(self, name: str) -> Deployable | None:
        """The deployable of that name or package."""
        return next((one for one in self.deployables if name in {one.name, one.package}), None)

    def shifted(self, offset: int) -> Self:
        """The same system with every port moved, so that several can run beside each other."""
        moved = [
            replace(one, api_port=one.api_port + offset, worker_port=one.worker_port + offset)
            for one in self.deployables
        ]
        return replace(
            self,
            deployables=tuple(moved),
            postgres_port=self.postgres_port + offset,
            broker_port=self.broker_port + offset,
        )

    def on_free_ports(self) -> Self:
        """The same system on ports that nobody uses now (for tests)."""
        ports = iter(free_ports(2 * len(self.deployables) + 2))
        moved = [replace(one, api_port=next(ports), worker_port=next(ports)) for one in self.deployables]
        return replace(self, deployables=tuple(moved), postgres_port=next(ports), broker_port=next(ports))

    def ports(self) -> Iterator[tuple[str, int]]:
        """Every port with the name of the process that wants it."""
        yield "postgres", self.postgres_port
        yield "broker", self.broker_port
        for one in self.deployables:
            yield one.name, one.api_port
            yield one.worker_name, one.worker_port


def _service(name: str, number: int, *, seals: bool = False, keeps_files: bool = False) -> Deployable:
    return Deployable(
        name=name,
        package=name.replace("-", "_"),
        kind=Kind.SERVICE,
        api_port=8100 + number,
        worker_port=8200 + number,
        seals=seals,
        keeps_files=keeps_files,
    )


TOPOLOGY = Topology(
    deployables=(
        Deployable(name="gateway", package="gateway", kind=Kind.GATEWAY, api_port=8080, worker_port=8180),
        _service("customer-svc", 1, seals=True, keeps_files=True),
        _service("sales-svc", 2),
        _service("service-desk-svc", 3),
        _service("project-svc", 4, keeps_files=True),
        _service("analytics-svc", 5),
    ),
    postgres_port=25432,
    broker_port=29092,
)
