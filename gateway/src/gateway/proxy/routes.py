"""Which service owns which part of the public API: the one table that decides where a request goes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from gateway.proxy.errors import AmbiguousPath

ROUTES: Mapping[str, tuple[str, ...]] = {
    "customer-svc": (
        "customers",
        "contacts",
        "communications",
        "communication-rules",
        "consents",
        "erasures",
        "subject-access-requests",
        "hold-rules",
        "consent-purposes",
        "follow-ups",
        "calendar-feeds",
        "calendars",
        "requirements",
        "saved-views",
        "custom-fields",
        "segments",
        "segment-snapshots",
        "imports",
        "exports",
        "operations",
        "customer-merges",
        "duplicate-groups",
        "duplicate-rules",
        "pool-rules",
        "quality-rules",
        "quality-scores",
        "quality-summary",
        "quality-days",
        "quality-monitors",
        "subject-keys",
        "sync-conflicts",
    ),
    "sales-svc": ("products", "opportunities", "orders", "contracts"),
    "service-desk-svc": ("tickets", "surveys", "service-periods"),
    "project-svc": (
        "projects",
        "project-templates",
        "project-operations",
        "deliveries",
        "delivery-documents",
        "delivery-schedules",
        "delivery-rates",
        "acceptance-links",
        "acceptances",
        "outcomes",
        "risks",
        "quality-gates",
        "corrective-actions",
        "change-requests",
        "risk-scale",
        "tasks",
        "baselines",
        "resources",
        "work-calendars",
        "risk-rules",
        "progress-reports",
        "timesheets",
        "expenses",
        "project-costs",
        "issues",
        "monitors",
        "portfolio",
        "risk-simulations",
        "lessons",
        "documents",
        "closing-reports",
        "closing-rule",
        "project-calendar-feeds",
        "project-calendars",
    ),
    "analytics-svc": ("reports",),
}
"""Collections by service: ``/api/v1/<collection>...`` goes to ``/v1/<collection>...`` of the service."""

OPEN = frozenset({"calendars", "acceptances", "project-calendars"})
"""Collections whose addresses hold a secret of their own: they are passed on without a caller."""

PUBLIC_PREFIX = "/api"
PUBLIC_ROOT = f"{PUBLIC_PREFIX}/v1/"
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes."""

    service: str
    target: str
    """Path and query at the service, spelled as the client spelled them."""
    label: str
    """For metrics; there are only a few per collection."""
    open: bool = False
    """Whether anybody may ask; the service looks for itself."""


class RouteTable:
    """Finds the route of a path.

    Args:
        routes: Collections by service.
        kept: Last segments of paths ``/<collection>/<id>/<last>`` that the gateway answers itself.
    """

    def __init__(self, routes: Mapping[str, Iterable[str]], *, kept: Mapping[str, Iterable[str]] | None = None) -> None:
        self._services = {name: service for service, names in routes.items() for name in names}
        self._kept = frozenset((name, last) for name, lasts in (kept or {}).items() for last in lasts)

    def find(self, raw_path: str, query: str) -> Route | None:
        """The route of a path, as it came over the wire; None where the gateway itself is meant.

        Raises:
            AmbiguousPath: Normalising the path could lead elsewhere.
        """
        if not raw_path.startswith(PUBLIC_ROOT):
            return None
        collection, _, rest = raw_path[len(PUBLIC_ROOT) :].partition("/")
        service = self._services.get(collection)
        if service is None:
            return None
        first, _, last = rest.partition("/")
        if last and (collection, last) in self._kept:
            return None
        if "%" in rest or "." in rest:
            _refuse_ambiguous(rest)
        target = raw_path[len(PUBLIC_PREFIX) :]
        whole = f"{target}?{query}" if query else target
        return Route(service, whole, _label(collection, first, last), collection in OPEN)


def _label(collection: str, first: str, last: str) -> str:
    if not first:
        return f"{PUBLIC_ROOT}{collection}"
    middle = "{id}" if len(first) == _UUID_LENGTH else "*"
    return f"{PUBLIC_ROOT}{collection}/{middle}/*" if last else f"{PUBLIC_ROOT}{collection}/{middle}"


def _refuse_ambiguous(rest: str) -> None:
    for segment in rest.split("/"):
        plain = unquote(segment)
        if plain in {".", ".."} or "/" in plain or "\\" in plain:
            raise AmbiguousPath
