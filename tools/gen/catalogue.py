"""All generators."""

from tools.gen import asyncapi, errors, events, settings, state_machines, tables, topology
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
    Generator(name="tables", make=tables.make, owns=(f"{REFERENCE}/tables.md",)),
)
