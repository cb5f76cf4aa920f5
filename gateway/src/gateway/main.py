"""The API process: identity in this program, everything else at the services behind it."""

from fastapi import FastAPI

from crm_platform.app import create_app as assemble
from gateway.proxy import build_proxy
from gateway.runtime import GatewayRuntime
from gateway.settings import GatewaySettings
from gateway.slices import SERVICE
from gateway.views.endpoints import COMPOSED_PATHS


def create_app(settings: GatewaySettings | None = None) -> FastAPI:
    """The gateway; settings come from the environment unless given."""
    settings = settings or GatewaySettings()
    runtime = GatewayRuntime.of(settings)
    services = build_proxy(
        services=settings.services,
        token=runtime.upstream_token,
        about=runtime.about_token,
        settings=settings.proxy,
        kept=COMPOSED_PATHS,
    )
    return assemble(
        title=SERVICE.title,
        description=SERVICE.description,
        routers=SERVICE.routers,
        runtime=runtime,
        authenticate=runtime.door.authenticate,
        lifespan_of=services.lifespan,
        wrap=services.wrap,
        openapi_url="/openapi/gateway.json",  # the portal has that of the whole system
    )
