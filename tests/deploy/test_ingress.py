"""From outside one reaches what is public, and nothing else."""

import json

import pytest

from gateway.portal.endpoints import router as portal
from gateway.proxy.routes import PUBLIC_ROOT, ROUTES
from tests.deploy.manifests import ROOT, Manifest, named

INGRESS = named("production", "Ingress")["gateway"]["spec"]


def _public() -> list[str]:
    documented = json.loads((ROOT / "gateway" / "openapi.json").read_text(encoding="utf-8"))["paths"]
    proxied = [f"{PUBLIC_ROOT}{name}" for names in ROUTES.values() for name in names]
    pages = [str(getattr(route, "path", "")) for route in portal.routes]
    return sorted({*documented, *proxied, *pages})


def _is_let_in(path: str) -> bool:
    return any(_fits(rule, path) for rule in INGRESS["rules"][0]["http"]["paths"])


def _fits(rule: Manifest, path: str) -> bool:
    if rule["pathType"] == "Exact":
        return bool(path == rule["path"])
    return path == rule["path"] or path.startswith(f"{rule['path'].rstrip('/')}/")


@pytest.mark.parametrize("path", _public())
def test_what_is_public_is_let_in(path: str) -> None:
    assert _is_let_in(path)


@pytest.mark.parametrize("path", ["/metrics", "/health/live", "/health/ready", "/operator/dead-letters", "/other"])
def test_nothing_else_is(path: str) -> None:
    assert not _is_let_in(path)


def test_it_is_only_reached_by_tls_and_under_the_name_in_the_tokens() -> None:
    settings = next(one["data"] for name, one in named("production", "ConfigMap").items() if "crm-settings" in name)
    (rule,) = INGRESS["rules"]
    assert INGRESS["tls"] == [{"hosts": [rule["host"]], "secretName": "crm-tls"}]
    assert settings["CRM_AUTH__ISSUER"] == f"https://{rule['host']}"
    services = {path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert services == {"gateway"}
