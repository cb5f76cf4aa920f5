"""The secrets of a deployment that is not `crm up`: which there are, and new ones in the form that is wanted.

Compose files and manifests only refer to them, by the names that are given here.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crm_runtime.secret_file import random_text, signing_key
from crm_runtime.topology import Deployable, Kind, Topology

POSTGRES_ADMIN = "postgres-admin"
POSTGRES_ADMIN_USER = "crm_admin"
OPERATOR = "operator-credentials"


@dataclass(frozen=True, kw_only=True)
class DeploymentSecret:
    """One secret text."""

    variable: str
    """Its name in an env file."""
    holder: str | None
    """The Kubernetes Secret that has it; None for what only Compose needs."""
    key: str
    """Its name in that Secret."""
    meaning: str
    make: Callable[[], str] = random_text


def deployment_secrets(topology: Topology) -> Iterator[DeploymentSecret]:
    """All secrets of a system."""
    yield DeploymentSecret(
        variable="POSTGRES_PASSWORD",
        holder=POSTGRES_ADMIN,
        key="password",
        meaning="PostgreSQL: who may make databases and roles.",
    )
    yield DeploymentSecret(
        variable="OPERATOR_TOKEN", holder=OPERATOR, key="token", meaning="Opens the workers' operator endpoints."
    )
    yield DeploymentSecret(
        variable="GRAFANA_PASSWORD",
        holder=None,
        key="",
        meaning="Sign-in of `admin` at Grafana (profile observability).",
    )
    for one in topology.deployables:
        yield from _secrets_of(one)


def _secrets_of(one: Deployable) -> Iterator[DeploymentSecret]:
    prefix, holder = one.package.upper(), credentials_of(one.name)
    yield DeploymentSecret(
        variable=f"{prefix}_DB_PASSWORD",
        holder=holder,
        key="db-password",
        meaning=f"PostgreSQL: the role of {one.name}.",
    )
    yield DeploymentSecret(
        variable=f"{prefix}_AUDIT_SIGNING_KEY",
        holder=holder,
        key="audit-signing-key",
        meaning=f"Ed25519 key (PEM) that signs the audit checkpoints of {one.name}; keep a copy elsewhere.",
        make=signing_key,
    )
    if one.seals:
        yield DeploymentSecret(
            variable=f"{prefix}_SEALING_KEYS",
            holder=holder,
            key="sealing-keys",
            meaning=f"Wraps the keys of the personal data of {one.name}; without it nobody can read them any more.",
        )
        yield DeploymentSecret(
            variable=f"{prefix}_INDEX_SECRET",
            holder=holder,
            key="index-secret",
            meaning=f"By which {one.name} finds sealed personal data; it stays as it is.",
        )
    if one.kind is Kind.GATEWAY:
        yield DeploymentSecret(
            variable=f"{prefix}_SECRET_KEY",
            holder=holder,
            key="secret-key",
            meaning="Encrypts token keys and second factors at rest; without it nobody can sign in any more.",
        )


def credentials_of(name: str) -> str:
    """The Kubernetes Secret of a deployable."""
    return f"{name}-credentials"


def env_file(topology: Topology) -> str:
    """New secrets as an env file for Compose."""
    lines = [
        "# Keep this file to yourself (chmod 600), and a copy of it elsewhere. What else it may say: .env.example."
    ]
    for one in deployment_secrets(topology):
        value = one.make().replace("\n", "\\n")
        lines += [f"# {one.meaning}", f'{one.variable}="{value}"']
    return "\n".join([*lines, ""])


def kubernetes_list(topology: Topology, namespace: str) -> str:
    """New secrets as Secrets of a namespace, for `kubectl create -f -`."""
    held: dict[str, dict[str, str]] = {}
    for one in deployment_secrets(topology):
        if one.holder is not None:
            held.setdefault(one.holder, {})[one.key] = one.make()
    held[POSTGRES_ADMIN]["username"] = POSTGRES_ADMIN_USER
    items = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            # As CloudNativePG and PostgreSQL's own image want it: user name and password.
            "type": "kubernetes.io/basic-auth" if name == POSTGRES_ADMIN else "Opaque",
            "metadata": {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "guanxi"}},
            "stringData": values,
        }
        for name, values in held.items()
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2) + "\n"
