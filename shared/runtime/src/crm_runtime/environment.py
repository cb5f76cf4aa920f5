"""The settings that every process gets through its environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_runtime.ports import LOOPBACK
from crm_runtime.topology import Deployable, Topology

AUDIENCE = "crm"
# Variables of the caller's shell that would reach into our processes' database sessions or imports.
_NOT_PASSED_ON = ("PG", "PYTHONHOME", "PYTHONSTARTUP")


@dataclass(frozen=True, kw_only=True)
class Connections:
    """Where the infrastructure is, for all processes of one system."""

    database_urls: Mapping[str, str]
    """Login URL of each deployable's role, by package."""
    kafka_bootstrap: str
    operator_token: str
    secret_keys: Mapping[str, str]
    """A secret text of each deployable, by package, for what it must encrypt for itself."""
    audit_keys: Mapping[str, str]
    """The Ed25519 private key (PEM) with which each deployable signs its audit checkpoints, by package."""
    sealing_keys: Mapping[str, str]
    """What wraps the keys of sealed personal data, of those deployables that have such data, by package."""
    index_secrets: Mapping[str, str]
    """By what they find sealed values, by package."""
    audit_dir: Path
    """Folder of the signed checkpoints, outside every database; the files in it bear the deployables' names."""
    objects_dir: Path
    """Folder of the files that deployables keep, each in a folder of its name."""


def process_environment(
    topology: Topology, connections: Connections, deployable: Deployable, *, port: int
) -> dict[str, str]:
    """Environment of one process. What the caller set in `CRM_...` reaches it too, unless it is set here."""
    ours = {
        "CRM_SERVICE": deployable.name,
        "CRM_DB__URL": connections.database_urls[deployable.package],
        "CRM_KAFKA__BOOTSTRAP": connections.kafka_bootstrap,
        "CRM_HTTP__HOST": LOOPBACK,
        "CRM_HTTP__PORT": str(port),
        "CRM_AUTH__ISSUER": topology.gateway.api_url,
        "CRM_AUTH__JWKS_URL": f"{topology.gateway.api_url}/.well-known/jwks.json",
        "CRM_AUTH__AUDIENCE": AUDIENCE,
        "CRM_OPERATOR_TOKEN": connections.operator_token,
        "CRM_SECRET_KEY": connections.secret_keys[deployable.package],
        "CRM_AUDIT__CHECKPOINT_DIR": str(connections.audit_dir),
        "CRM_AUDIT__SIGNING_KEY": connections.audit_keys[deployable.package],
        "CRM_SERVICES": json.dumps({one.name: one.api_url for one in topology.services}),
        "PYTHONUNBUFFERED": "1",
    }
    if deployable.seals:
        ours["CRM_SEALING__KEYS"] = connections.sealing_keys[deployable.package]
        ours["CRM_SEALING__INDEX_SECRET"] = connections.index_secrets[deployable.package]
    if deployable.keeps_files:
        ours["CRM_OBJECTS__URL"] = f"file:{connections.objects_dir / deployable.name}"
    passed_on = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    return {**passed_on, **ours}
