import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from tools.layout import ROOT, deployables, distributions

LINT_IMPORTS = str(ROOT / ".venv" / "bin" / "lint-imports")
CONFIG = tomlkit.parse((ROOT / "pyproject.toml").read_text(encoding="utf-8")).unwrap()["tool"]["importlinter"]

GOOD = {
    "planted_svc/orders/endpoints.py": "from planted_svc.orders import service\n",
    "planted_svc/orders/consumers.py": "from planted_svc.orders import service\n",
    "planted_svc/orders/service.py": "import planted_svc.orders.repository\nimport planted_svc.invoices.service\n",
    "planted_svc/orders/repository.py": "from planted_svc.orders import models\n",
    "planted_svc/orders/models.py": "import sqlalchemy\nfrom planted_svc.orders import domain\n",
    "planted_svc/orders/schemas.py": "from planted_svc.orders import domain\n",
    "planted_svc/orders/domain.py": "from planted_svc.orders import errors\nfrom crm_platform import clock\n",
    "planted_svc/orders/errors.py": "",
    "planted_svc/invoices/service.py": "",
    "other_svc/__init__.py": "import crm_platform\n",
    "crm_platform/clock.py": "import crm_contracts\n",
    "crm_platform/db.py": "import sqlalchemy\n",
    "crm_contracts/__init__.py": "",
}

VIOLATIONS = {
    "service imports another": ("house", {"planted_svc/orders/service.py": "import other_svc\n"}),
    "platform imports a service": ("house", {"crm_platform/clock.py": "import planted_svc\n"}),
    "contracts import the platform": ("house", {"crm_contracts/__init__.py": "from crm_platform import db\n"}),
    "domain imports the repository": (
        "slices",
        {"planted_svc/orders/domain.py": "from planted_svc.orders import repository\n"},
    ),
    "service imports the endpoints": (
        "slices",
        {"planted_svc/orders/service.py": "from planted_svc.orders import endpoints\n"},
    ),
    "models import the schemas": (
        "slices",
        {"planted_svc/orders/models.py": "from planted_svc.orders import schemas\n"},
    ),
    "endpoints import the consumers": (
        "slices",
        {"planted_svc/orders/endpoints.py": "from planted_svc.orders import consumers\n"},
    ),
    "errors import the domain": ("slices", {"planted_svc/orders/errors.py": "from planted_svc.orders import domain\n"}),
    "domain imports sqlalchemy": ("pure-domain", {"planted_svc/orders/domain.py": "import sqlalchemy\n"}),
    "domain imports the database by way of the platform": (
        "pure-domain",
        {
            "planted_svc/orders/domain.py": "from crm_platform import clock\n",
            "crm_platform/clock.py": "from crm_platform import db\n",
        },
    ),
    "two slices need each other": (
        "no-cycles",
        {"planted_svc/invoices/service.py": "from planted_svc.orders import service\n"},
    ),
}


def plant(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the packages and a configuration with our contracts for them; returns the configuration."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text, encoding="utf-8")
    config: dict[str, Any] = {**CONFIG, "root_packages": ["planted_svc", "other_svc", "crm_platform", "crm_contracts"]}
    config["contracts"] = [translated(contract) for contract in CONFIG["contracts"]]
    path = folder / "pyproject.toml"
    path.write_text(tomlkit.dumps({"tool": {"importlinter": config}}), encoding="utf-8")
    return path


def translated(contract: Mapping[str, Any]) -> dict[str, Any]:
    """The same contract about the planted service, which stands for the customer service."""
    changed = {key: value for key, value in contract.items() if key != "ignore_imports"}
    for key in ("containers", "source_modules", "ancestors"):
        if key in contract:
            changed[key] = [
                name.replace("customer_svc", "planted_svc") for name in contract[key] if name.startswith("customer_svc")
            ]
    if contract["id"] == "house":
        changed["layers"] = ["planted_svc | other_svc", *contract["layers"][1:]]
    return changed


def broken_contracts(folder: Path, config: Path) -> set[str]:
    command = [LINT_IMPORTS, "--no-logo", "--no-cache", "--config", str(config)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )
    said = " ".join(done.stdout.split())
    assert "Contracts:" in said, done.stdout + done.stderr
    return {contract["id"] for contract in CONFIG["contracts"] if f"{contract['name']} BROKEN" in said}


def test_a_well_layered_system_keeps_all_contracts(tmp_path: Path) -> None:
    assert broken_contracts(tmp_path, plant(tmp_path, GOOD)) == set()


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(tmp_path: Path, contract: str, files: Mapping[str, str]) -> None:
    assert contract in broken_contracts(tmp_path, plant(tmp_path, {**GOOD, **files}))


def test_every_package_is_watched() -> None:
    assert set(CONFIG["root_packages"]) == {one.package for one in distributions()}


def test_every_contract_is_about_every_deployable() -> None:
    packages = {one.package for one in deployables()}
    for contract in CONFIG["contracts"]:
        listed = [*contract.get("containers", ()), *contract.get("source_modules", ()), *contract.get("ancestors", ())]
        listed += [name for layer in contract.get("layers", ()) for name in layer.split(" | ")]
        missing = packages - {name.partition(".")[0] for name in listed}
        # Projections have no rules of their own.
        assert missing <= ({"analytics_svc"} if contract["id"] == "pure-domain" else set()), contract["id"]
