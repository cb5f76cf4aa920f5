"""The way to the services: routing, streaming, and what keeps one failing service from harming the rest."""

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import ASGIApp

from gateway.proxy.about import AboutToken
from gateway.proxy.asgi import Proxy, UpstreamToken
from gateway.proxy.breaker import Clock
from gateway.proxy.client import UpstreamClient
from gateway.proxy.routes import ROUTES, RouteTable
from gateway.proxy.settings import ProxySettings
from gateway.proxy.upstream import Upstream, UpstreamCollector

__all__ = ["AboutToken", "ProxySettings", "ServiceAccess", "UpstreamToken", "build_proxy", "service_access"]


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """Everything of a process that has to do with the services.

    Attributes:
        client: Calls them.
        token: Makes access tokens for callers who came without one.
        about: Makes tokens that tell of others.
        routes: Which service owns what.
        clock: Monotonic seconds.
    """

    client: UpstreamClient
    token: UpstreamToken
    about: AboutToken | None
    routes: RouteTable
    clock: Clock

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """Put the proxy in front of ``app``; goes to ``create_app(wrap=...)``."""
        return Proxy(app, routes=self.routes, client=self.client, token=self.token, about=self.about)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Keep connections to the services while ``app`` runs; goes to ``create_app(lifespan_of=...)``."""
        app.state.services = self
        app.state.registry.register(UpstreamCollector(self.client.upstreams.values()))
        async with self.client.opened():
            yield


def build_proxy(
    *,
    services: Mapping[str, str],
    token: UpstreamToken,
    about: AboutToken | None = None,
    settings: ProxySettings | None = None,
    kept: Mapping[str, Iterable[str]] | None = None,
    routes: Mapping[str, Iterable[str]] = ROUTES,
    clock: Clock = time.monotonic,
) -> ServiceAccess:
    """Assemble the access to the services; nothing is opened yet.

    Args:
        services: Base address of each service, by its name.
        token: Makes an access token for a caller who came without one.
        about: Makes a token that tells what another user may do; without it services are told of nobody else.
        settings: Timeouts and limits.
        kept: Paths inside the collections that the gateway answers itself, see :class:`RouteTable`.
        routes: Which service owns which collection.
        clock: Monotonic seconds, for circuit breakers and caches.
    """
    settings = settings or ProxySettings()
    upstreams = {name: Upstream(name, url, settings, clock) for name, url in services.items()}
    client = UpstreamClient(upstreams, settings)
    return ServiceAccess(client, token, about, RouteTable(routes, kept=kept), clock)


def service_access(request: Request) -> ServiceAccess:
    """The access to the services of the process that answers ``request``."""
    access: ServiceAccess = request.app.state.services
    return access
