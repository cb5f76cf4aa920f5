"""All generators."""

from tools.gen import asyncapi, deployment, errors, events, settings, state_machines, tables, topology
from tools.gen.artefact import Generator
from tools.gen.openapi import OPENAPI
from tools.gen.schemas import SCHEMAS

REFERENCE = "docs/reference"

GENERATORS: tuple[Generator, ...] = (
    OPENAPI,
    SCHEMAS,
    Generator(name="AsyncAPI", make=asyncapi.make, owns=(f"{REFERENCE}/asyncapi.json",)),
    Generator(name="events", make=events.make, owns=(f"{REFERENCE}/events.md",)),
    Generator(name="errors", make=errors.make, owns=(f"{REFERENCE}/errors.md",)),
    Generator(name="settings", make=settings.make, owns=(f"{REFERENCE}/settings.md",)),
    Generator(name="state machines", make=state_machines.make, owns=(f"{REFERENCE}/state-machines.md",)),
    Generator(name="topology", make=topology.make, owns=(f"{REFERENCE}/topology.md",)),
    Generator(name="Dockerfiles", make=deployment.dockerfiles, owns=("services/*/Dockerfile", "gateway/Dockerfile")),
    Generator(
        name="Compose",
        make=deployment.compose,
        owns=("docker-compose.yml", ".env.example", "deploy/observability/targets.yaml"),
    ),
    Generator(
        name="Kubernetes",
        make=deployment.kubernetes,
        owns=("deploy/k8s/base/generated/*.yaml", "deploy/k8s/overlays/*/generated/*.yaml"),
    ),
    Generator(name="tables", make=tables.make, owns=(f"{REFERENCE}/tables.md",)),
)
