"""New secrets for a deployment elsewhere."""

import json
import re

import kubernetes_validate
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.testing import CliRunner

from crm_runtime.cli.app import app
from crm_runtime.cli.installation import Installation
from crm_runtime.deployment_secrets import POSTGRES_ADMIN_USER, deployment_secrets
from crm_runtime.topology import TOPOLOGY

SECRETS = list(deployment_secrets(TOPOLOGY))


def _said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["secrets", *arguments], obj=Installation())
    assert result.exit_code == 0
    return result.stdout


def _values(env_file: str) -> dict[str, str]:
    return {name: value.replace("\\n", "\n") for name, value in re.findall(r'^(\w+)="(.*)"$', env_file, re.MULTILINE)}


def _is_signing_key(pem: str) -> bool:
    return isinstance(load_pem_private_key(pem.encode(), None), Ed25519PrivateKey)


def test_an_env_file_has_all_of_them_and_no_two_are_alike() -> None:
    first, second = _values(_said("compose")), _values(_said("compose"))
    assert list(first) == list(second) == [one.variable for one in SECRETS]
    assert len({*first.values(), *second.values()}) == 2 * len(SECRETS)
    for name, value in first.items():
        # They become part of addresses, and are read by Compose, which takes $ for a variable.
        assert _is_signing_key(value) if name.endswith("SIGNING_KEY") else re.fullmatch(r"[\w-]{43}", value)


def test_kubernetes_gets_those_that_manifests_refer_to() -> None:
    items = json.loads(_said("kubernetes", "--namespace", "elsewhere"))["items"]
    for item in items:
        kubernetes_validate.validate(item, "1.37", strict=True)
        assert item["metadata"]["namespace"] == "elsewhere"
    found = {(item["metadata"]["name"], key): value for item in items for key, value in item["stringData"].items()}
    assert found.pop(("postgres-admin", "username")) == POSTGRES_ADMIN_USER
    assert found.keys() == {(one.holder, one.key) for one in SECRETS if one.holder is not None}
    assert all(_is_signing_key(value) for (_, key), value in found.items() if key == "audit-signing-key")
