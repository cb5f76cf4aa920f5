"""The API process."""

from fastapi import FastAPI

from crm_platform.app import create_service_app
from service_desk_svc.slices import SERVICE


def create_app() -> FastAPI:
    """The API with settings from the environment."""
    return create_service_app(SERVICE)
