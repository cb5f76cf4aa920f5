"""The composition root of every service's API process."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from crm_platform.context import Caller
from crm_platform.errors import Unauthenticated
from crm_platform.health import health_routes
from crm_platform.http.head import HeadAsGet
from crm_platform.http.headers import RequestHeaders
from crm_platform.http.middleware import NO_TOKEN, NOT_BEARER, Authenticate, ServiceMiddleware
from crm_platform.http.openapi import tidied
from crm_platform.http.problems import install_problem_handlers
from crm_platform.observability.metrics import RequestMetrics, watch_pool
from crm_platform.observability.tracing import Tracer
from crm_platform.runtime import Runtime
from crm_platform.sealing.endpoints import subject_keys_router
from crm_platform.service import Service
from crm_platform.settings import ServiceSettings


def create_service_app(service: Service, settings: ServiceSettings | None = None) -> FastAPI:
    """The API of ``service``; settings come from the environment unless given."""
    settings = settings or service.settings()
    runtime = Runtime.of(settings, seals=service.seals)
    app = create_app(
        title=service.title,
        description=service.description,
        routers=(*service.routers, *((subject_keys_router(),) if service.seals else ())),
        runtime=runtime,
        authenticate=bearer(runtime),
    )
    app.state.redirects = service.redirects
    return app


def create_app(
    *,
    title: str,
    description: str,
    routers: tuple[APIRouter, ...],
    runtime: Runtime,
    authenticate: Authenticate,
    lifespan_of: Callable[[FastAPI], Any] | None = None,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
    openapi_url: str = "/openapi.json",
) -> FastAPI:
    """Assemble an app: routes, problems, health, metrics, the one middleware.

    Args:
        title: Title of the OpenAPI document.
        description: Its description.
        routers: Routes, in the order in which they are tried.
        runtime: Parts of the process; opened and closed with the app.
        authenticate: How the caller is found out.
        lifespan_of: A further async context manager to run while the app runs.
        wrap: Puts an ASGI app between middleware and router (the gateway's proxy).
        openapi_url: Where the OpenAPI document of these routes is; pages about it are the gateway's portal.
    """
    settings = runtime.settings
    registry = CollectorRegistry()
    tracer = Tracer(settings.trace, settings.service)

    app = _Application(
        title=title,
        description=description,
        version="1.0.0",
        lifespan=_lifespan(runtime, registry, tracer, lifespan_of),
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Ours makes spans only where a trace is recorded; FastAPI's own looks into the environment at every request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.runtime = runtime
    app.state.registry = registry
    for router in routers:
        # As they are: routers that are included are searched twice for every request, a third of what routing costs.
        app.router.routes.extend(router.routes)
    for route in health_routes(runtime.check, registry):
        app.router.routes.append(route)
    install_problem_handlers(app)
    app.add_middleware(HeadAsGet)
    if wrap is not None:
        app.add_middleware(_Wrapper, wrap=wrap)
    app.add_middleware(
        ServiceMiddleware,
        settings=settings,
        authenticate=authenticate,
        metrics=RequestMetrics(registry),
        tracer=tracer,
    )
    return app


def _lifespan(
    runtime: Runtime, registry: CollectorRegistry, tracer: Tracer, inner: Callable[[FastAPI], Any] | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Open the parts of the process with the app, and close them with it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await runtime.open()
        watch_pool(registry, runtime.database.pool.get_size, runtime.database.pool.get_idle_size)
        try:
            async with inner(app) if inner is not None else nullcontext():
                yield
        finally:
            tracer.close()
            await runtime.close()

    return lifespan


class _Application(FastAPI):
    """Describes itself as it behaves."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = tidied(super().openapi())
        return self.openapi_schema


class _Wrapper:
    """Lets a plain function put an ASGI app in front of the router."""

    def __init__(self, app: ASGIApp, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
        self._app = wrap(app)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        await self._app(scope, receive, send)


def bearer(runtime: Runtime) -> Authenticate:
    """Authentication of a service: a bearer token made by the gateway, nothing else."""

    async def authenticate(headers: RequestHeaders) -> Caller:
        value = headers.get("authorization")
        if value is None:
            raise Unauthenticated(why=NO_TOKEN)
        kind, _, token = value.partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Unauthenticated(why=NOT_BEARER)
        return await runtime.verifier.verify(token)

    return authenticate
