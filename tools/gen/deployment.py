"""What the deployment files are made from: the topology, the topics, and where things are in a container."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crm_contracts.registry import PRODUCERS
from crm_platform.db.preparation import DATABASE, EXTENSION_SCHEMA, EXTENSIONS
from crm_platform.settings import KafkaSettings
from crm_runtime.deployment_secrets import (
    OPERATOR,
    POSTGRES_ADMIN,
    POSTGRES_ADMIN_USER,
    credentials_of,
    deployment_secrets,
)
from crm_runtime.environment import AUDIENCE
from crm_runtime.postgres_config import PostgresOptions
from crm_runtime.program import Commands, filled_in
from crm_runtime.testing.kafka.apache import SINGLE_NODE
from crm_runtime.testing.kafka.archives import kafka_version
from crm_runtime.topology import TOPOLOGY, Deployable, Kind
from tools.gen.artefact import Artefact
from tools.gen.system import services
from tools.layout import ROOT, Distribution, deployables
from tools.locks import LOCKS, lock_of

TEMPLATES = Path(__file__).with_name("templates")
BASE = Path("deploy/k8s/base/generated")
_PARTS = {
    Path("deploy/k8s/overlays/dev/generated"): ("postgres.yaml", "kafka.yaml"),
    Path("deploy/k8s/overlays/production/generated"): (
        "postgres-database.yaml",
        "kafka-topics.yaml",
        "kafka-users.yaml",
        "scaled-objects.yaml",
    ),
}
"""What the operators of PostgreSQL and Kafka, or a single node of each, have to know, by overlay."""
_SHARED = ("shared/contracts", "shared/platform")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A deployable, as the templates see it."""

    name: str
    package: str
    role: str
    is_gateway: bool
    seals: bool
    keeps_files: bool
    api_port: int
    worker_port: int
    folder: Path
    lock: Path
    serve: list[str]
    work: list[str]
    migrate: list[str]
    publishes: tuple[str, ...]
    consumes: tuple[str, ...]

    @property
    def folders(self) -> tuple[str, ...]:
        """The packages of ours that its image holds, in the order in which they build on each other."""
        return (*_SHARED, str(self.folder))

    @property
    def variable(self) -> str:
        """What the names of its secrets in an env file begin with."""
        return self.package.upper()

    @property
    def credentials(self) -> str:
        """The Kubernetes Secret that has its secrets."""
        return credentials_of(self.name)

    @property
    def migrate_name(self) -> str:
        """Name of the container that migrates its schema."""
        return f"{self.name}-migrate"


@cache
def units() -> tuple[Unit, ...]:
    """All deployables, in the order of the topology."""
    consumed = {one.name: service.consumed_topics() for one, service in services()}
    places = {one.name: one for one in deployables()}
    return tuple(_unit(one, places[one.name], consumed.get(one.name, ())) for one in TOPOLOGY.deployables)


def _unit(one: Deployable, place: Distribution, consumed: tuple[str, ...]) -> Unit:
    commands = Commands()
    serve, work, migrate = (
        filled_in(command, one.package)[1:] for command in (commands.serve, commands.work, commands.migrate)
    )
    return Unit(
        name=one.name,
        package=one.package,
        role=one.role,
        is_gateway=one.kind is Kind.GATEWAY,
        seals=one.seals,
        keeps_files=one.keeps_files,
        api_port=one.api_port,
        worker_port=one.worker_port,
        folder=place.folder,
        lock=lock_of(place),
        serve=serve,
        work=work,
        migrate=migrate,
        publishes=tuple(sorted({event.topic for event in PRODUCERS.get(one.name, ())})),
        consumes=consumed,
    )


def topics() -> tuple[str, ...]:
    """Every topic that somebody of ours writes or reads."""
    return tuple(sorted({topic for one in units() for topic in (*one.publishes, *one.consumes)}))


def inbound_topics() -> tuple[str, ...]:
    """The topics that only other systems write."""
    published = {topic for one in units() for topic in one.publishes}
    return tuple(topic for topic in topics() if topic not in published)


def facts() -> Mapping[str, Any]:
    """What every template may say."""
    return {
        "audience": AUDIENCE,
        "audit_dir": "/var/lib/crm/audit",
        "objects_dir": "/var/lib/crm/objects",
        "build_lock": LOCKS / "bootstrap.lock",
        "database": DATABASE,
        "extension_schema": EXTENSION_SCHEMA,
        "extensions": EXTENSIONS,
        "gateway": next(one for one in units() if one.is_gateway),
        "home": "/opt/crm",
        "operator": OPERATOR,
        "postgres_admin": POSTGRES_ADMIN,
        "postgres_admin_user": POSTGRES_ADMIN_USER,
        "retention_days": KafkaSettings().retention_days,
        "inbound_topics": inbound_topics(),
        "kafka_host_port": TOPOLOGY.broker_port,
        "kafka_single_node": {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in SINGLE_NODE.items()},
        "kafka_version": kafka_version(),
        "max_connections": PostgresOptions(port=TOPOLOGY.postgres_port).max_connections,
        "partitions": KafkaSettings().partitions,
        "postgres": "18.4-trixie",
        "python": "3.11-slim-trixie",
        "secrets": tuple(deployment_secrets(TOPOLOGY)),
        "services": tuple(one for one in units() if not one.is_gateway),
        "services_json": json.dumps(
            {one.name: f"http://{one.name}:{one.api_port}" for one in units() if not one.is_gateway}
        ),
        "topics": topics(),
        "uid": 10001,
        "units": units(),
    }


def rendered(template: str, target: str | Path, **more: Any) -> Artefact:
    """A file from one of the templates."""
    note = f"Written by `make gen` from {(TEMPLATES / template).relative_to(ROOT)}. Edits here are lost."
    text = _environment().get_template(template).render(**facts(), note=note, **more)
    return Artefact(Path(target), text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - YAML and Dockerfiles, from our own tables
    )
    environment.filters["tojson"] = _flow
    return environment


def _flow(words: list[str]) -> str:
    """A list of words in the form that YAML and Dockerfiles share."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def dockerfiles() -> Iterator[Artefact]:
    """The image of each deployable."""
    for one in units():
        yield rendered("Dockerfile.j2", one.folder / "Dockerfile", one=one)


def compose() -> Iterator[Artefact]:
    """Everything on one machine with Docker."""
    yield rendered("docker-compose.yml.j2", "docker-compose.yml")
    yield rendered("env.example.j2", ".env.example")
    yield rendered("prometheus-targets.yaml.j2", "deploy/observability/targets.yaml")


def kubernetes() -> Iterator[Artefact]:
    """The manifests of the deployables, and what the operators of PostgreSQL and Kafka have to know of them."""
    for one in units():
        yield rendered("k8s/deployable.yaml.j2", BASE / f"{one.name}.yaml", one=one)
    for name in ("prepare-database.yaml", "kustomization.yaml"):
        yield rendered(f"k8s/{name}.j2", BASE / name)
    for folder, parts in _PARTS.items():
        for name in parts:
            yield rendered(f"k8s/{name}.j2", folder / name)
        yield rendered("k8s/resources.yaml.j2", folder / "kustomization.yaml", parts=parts)
