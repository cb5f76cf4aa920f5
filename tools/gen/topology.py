"""`topology.md`: what runs where, and who talks to whom."""

from collections.abc import Iterator
from pathlib import Path

from crm_contracts.registry import PRODUCERS
from crm_runtime.topology import TOPOLOGY
from tools.gen.artefact import Artefact
from tools.gen.markdown import code, mermaid, page, table
from tools.gen.system import services

_INTRODUCTION = (
    "Each deployable is two processes over one PostgreSQL schema, which its own role owns and no other can see: an API "
    "and a worker (relay, consumers, audit sealer). Ports are those of `crm up` on one machine. From "
    "`crm_runtime.topology`, which compose files and manifests are made from too."
)


def make() -> Iterator[Artefact]:
    """The page."""
    consumed = {one.name: service.consumed_topics() for one, service in services()}
    parts = [
        "## Processes",
        _processes(),
        f"PostgreSQL listens on {TOPOLOGY.postgres_port}, the broker on {TOPOLOGY.broker_port}.",
        "## Topics",
        _topics(consumed),
        mermaid(_flow(consumed)),
    ]
    yield Artefact(Path("docs/reference/topology.md"), page("Topology", _INTRODUCTION, *parts))


def _published() -> dict[str, list[str]]:
    return {name: sorted({event.topic for event in events}) for name, events in PRODUCERS.items()}


def _processes() -> str:
    rows = [
        (one.name, one.kind.value, code(one.package), one.api_port, one.worker_port, code(one.schema))
        for one in TOPOLOGY.deployables
    ]
    return table(["Deployable", "Kind", "Package", "API port", "Worker port", "Role and schema"], rows)


def _topics(consumed: dict[str, tuple[str, ...]]) -> str:
    published = _published()
    topics = sorted({topic for names in (*published.values(), *consumed.values()) for topic in names})
    rows = [
        (
            code(topic),
            ", ".join(name for name in sorted(published) if topic in published[name]) or "other systems",
            ", ".join(name for name in sorted(consumed) if topic in consumed[name]) or "-",
        )
        for topic in topics
    ]
    return table(["Topic", "Written by", "Read by"], rows)


def _flow(consumed: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Lines of a Mermaid flow chart: who writes what for whom."""
    yield "flowchart LR"
    for name, topics in sorted(_published().items()):
        for topic in topics:
            for reader in sorted(consumed):
                if topic in consumed[reader] and reader != name:
                    yield f"    {name} -- {topic.removeprefix('crm.')} --> {reader}"
