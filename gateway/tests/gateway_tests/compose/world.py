"""Five small services that know one customer and one project."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from gateway_tests.serving import RunningGateway, Seen, ServiceDouble

CUSTOMER = "0199b7a0-0000-7000-8000-000000000001"
PROJECT = "0199b7a0-0000-7000-8000-000000000002"
OPPORTUNITY = "0199b7a0-0000-7000-8000-000000000003"
CONTRACT = "0199b7a0-0000-7000-8000-000000000004"

SERVICES = {
    "/v1/customers": "customer-svc",
    "/v1/communications": "customer-svc",
    "/v1/opportunities": "sales-svc",
    "/v1/orders": "sales-svc",
    "/v1/contracts": "sales-svc",
    "/v1/projects": "project-svc",
    "/v1/deliveries": "project-svc",
    "/v1/risks": "project-svc",
    "/v1/tickets": "service-desk-svc",
    "/v1/surveys": "service-desk-svc",
    "/v1/service-periods": "service-desk-svc",
    "/v1/reports": "analytics-svc",
}

CUSTOMER_BODY = {"id": CUSTOMER, "name": "上海贸易有限公司", "credit_limit": {"amount": "10.50", "currency": "CNY"}}
PROJECT_BODY = {"id": PROJECT, "customer_id": CUSTOMER, "opportunity_id": OPPORTUNITY, "contract_id": CONTRACT}
OPPORTUNITY_BODY = {"id": OPPORTUNITY}
CONTRACT_BODY = {"id": CONTRACT, "status": "signed"}
REPORT_BODY = {"customer_id": CUSTOMER, "opportunities_won": 3}


def page(path: str) -> dict[str, Any]:
    """What a list answers, unmistakably its own."""
    return {"items": [{"list": path}], "next_cursor": f"after-{path}"}


@dataclass(slots=True)
class World:
    """The services by name, and the gateway in front of them."""

    services: dict[str, ServiceDouble]
    gateway: RunningGateway

    def forget(self) -> None:
        for service in self.services.values():
            service.forget()
        for path, name in SERVICES.items():
            self.services[name].answer(path, page(path))
        self.answer(f"/v1/customers/{CUSTOMER}", CUSTOMER_BODY)
        self.answer(f"/v1/projects/{PROJECT}", PROJECT_BODY)
        self.answer(f"/v1/opportunities/{OPPORTUNITY}", OPPORTUNITY_BODY)
        self.answer(f"/v1/contracts/{CONTRACT}", CONTRACT_BODY)
        self.answer(f"/v1/reports/customers/{CUSTOMER}", REPORT_BODY)

    def answer(self, path: str, content: object, status: int = 200, **headers: str) -> None:
        self.owner(path).answer(path, content, status, **headers)

    def owner(self, path: str) -> ServiceDouble:
        return self.services[SERVICES["/".join(path.split("/")[:3])]]

    def asked(self, path: str) -> Seen:
        """The one request for ``path``."""
        [seen] = [seen for seen in self.owner(path).requests if seen.path == path]
        return seen

    @contextmanager
    def down(self, *names: str) -> Iterator[None]:
        """Let these services be at an address where nobody listens."""
        upstreams = self.gateway.access.client.upstreams
        before = {name: upstreams[name].base_url for name in names}
        with ExitStack() as held:
            for name in names:
                # Bound, so that nobody else gets the port, but not listening.
                place = held.enter_context(socket.socket())
                place.bind(("127.0.0.1", 0))
                upstreams[name].base_url = f"http://127.0.0.1:{place.getsockname()[1]}"
            yield
        for name, url in before.items():
            upstreams[name].base_url = url

    def count(self) -> int:
        return sum(len(service.requests) for service in self.services.values())
