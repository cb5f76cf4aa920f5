"""Every event of the other services that figures are made of."""

from analytics_svc.facts import models
from crm_platform.projection import Projection
from crm_platform.service import BatchConsumer

PROJECTIONS: dict[str, Projection] = {
    "customer": models.CUSTOMERS,
    "user": models.PEOPLE,
    "team": models.TEAMS,
    "product": models.PRODUCTS,
    "opportunity": models.OPPORTUNITIES,
    "order": models.ORDERS,
    "project": models.PROJECTS,
    "delivery": models.DELIVERIES,
    "risk": models.RISKS,
    "ticket": models.TICKETS,
    "survey": models.SURVEYS,
}
"""Where the states of each kind of aggregate are kept."""


def projections() -> tuple[BatchConsumer, ...]:
    """One consumer per kind of aggregate, for all of its events."""
    return tuple(projection.consumer(kind) for kind, projection in PROJECTIONS.items())
