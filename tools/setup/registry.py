"""How uv finds the package registry: the same way as the pip of this machine."""

import os
import subprocess
from pathlib import Path

_FROM_PIP = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}


def uv_environment(python: Path) -> dict[str, str]:
    """The environment for uv: pip's settings, which uv does not read, where uv has none of its own.

    Args:
        python: An interpreter with pip, whose configuration files are asked for the index.
    """
    environment = dict(os.environ)
    for of_pip, of_uv in _FROM_PIP.items():
        if os.environ.get(of_pip):
            environment.setdefault(of_uv, os.environ[of_pip])
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"} & environment.keys():
        configured = _pip_setting(python, "global.index-url")
        if configured:
            environment["UV_DEFAULT_INDEX"] = configured
    # Never fetch an interpreter: the one that made .venv is the one to use.
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    environment.pop("VIRTUAL_ENV", None)
    return environment


def _pip_setting(python: Path, name: str) -> str:
    command = [str(python), "-m", "pip", "config", "get", name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
