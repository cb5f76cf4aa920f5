"""Settings of the way to the services (``CRM_PROXY__...``)."""

from pydantic import Field

from crm_platform.settings import Group


class ProxySettings(Group):
    """How the gateway calls the services."""

    connect_timeout: float = Field(default=1.0, gt=0, description="Seconds to open a connection to a service.")
    absence_patience: float = Field(
        default=5.0, ge=0, description="Seconds requests wait for a service that takes no connections (a restart)."
    )
    patience: float = Field(
        default=2.0, gt=0, description="Seconds; only a service that stays silent longer is held to be at fault."
    )
    part_timeout: float = Field(default=3.0, gt=0, description="Seconds that one part of a composed view may take.")
    part_bytes: int = Field(default=4 * 1024 * 1024, gt=0, description="Size of one part of a composed view.")
    keepalive_timeout: float = Field(default=30.0, gt=0, description="Seconds an idle connection is kept open.")
    max_in_flight: int = Field(default=128, gt=0, description="Requests at a time to each service; more get a 503.")
    buffer_bytes: int = Field(
        default=64 * 1024, ge=0, description="Bodies up to this size are read first, so that they can be sent again."
    )
    retry_share: float = Field(default=0.2, ge=0, le=1, description="Retries to each service, as a share of its calls.")
    breaker_window: int = Field(default=10, gt=0, description="Seconds of which the circuit breaker looks back.")
    breaker_calls: int = Field(default=20, gt=0, description="Calls in the window from which the breaker judges.")
    breaker_share: float = Field(default=0.5, gt=0, le=1, description="Share of failed calls that opens the breaker.")
    breaker_pause: float = Field(default=5.0, gt=0, description="Seconds the breaker stays open before a probe.")
