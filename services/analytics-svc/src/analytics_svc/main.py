"""The API process."""

from fastapi import FastAPI

from analytics_svc.slices import SERVICE
from crm_platform.app import create_service_app


def create_app() -> FastAPI:
    """The API with settings from the environment."""
    return create_service_app(SERVICE)
