"""The parts of the system that the generators look at, imported from the installed packages."""

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from fastapi import FastAPI

from crm_platform.service import Service
from tools.layout import Distribution, deployables

_SETTINGS = {
    "CRM_DB__URL": "postgresql://role:password@127.0.0.1:5432/crm",
    "CRM_SECRET_KEY": "a-key-that-encrypts-nothing-but-documentation",
    "CRM_SERVICES": "{}",
    "CRM_SEALING__KEYS": "A" * 43,
    "CRM_SEALING__INDEX_SECRET": "A" * 43,
}
"""Enough for an app to be built; it never connects to anything."""


def forget_settings() -> None:
    """Take the caller's own settings out of the environment: they must not reach generated files."""
    for name in [name for name in os.environ if name.startswith("CRM_")]:
        del os.environ[name]


def service_of(one: Distribution) -> Service | None:
    """The list of what a deployable is made of; None if it has no `slices.py`."""
    if find_spec(f"{one.package}.slices") is None:
        return None
    service: Service = import_module(f"{one.package}.slices").SERVICE
    return service


def services() -> Iterator[tuple[Distribution, Service]]:
    """Every deployable that is made of slices."""
    for one in deployables():
        service = service_of(one)
        if service is not None:
            yield one, service


def app_of(one: Distribution) -> FastAPI | None:
    """The API of a deployable, built but not started; None if it has no API."""
    if find_spec(f"{one.package}.main") is None:
        return None
    os.environ |= {**_SETTINGS, "CRM_SERVICE": one.name}
    try:
        app: FastAPI = import_module(f"{one.package}.main").create_app()
    finally:
        forget_settings()
    return app


def modules_of(package: str, *, named: Sequence[str] = ()) -> Iterator[ModuleType]:
    """Every module of a package, imported; those alone whose last name is in ``named``, if any are given."""
    parent = import_module(package)
    for info in sorted(walk_packages(parent.__path__, f"{package}."), key=lambda info: info.name):
        last = info.name.rpartition(".")[2]
        skipped = last.startswith("__") or ".migrations" in info.name or ".testing" in info.name
        if not skipped and (not named or last in named):
            yield import_module(info.name)


def first_line(thing: Any) -> str:
    """The first line of a docstring, without the full stop."""
    text = (thing.__doc__ or "").strip()
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")
