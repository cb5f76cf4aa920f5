"""What all operations under way at one worker share."""

from dataclasses import dataclass
from datetime import timedelta

from crm_platform.db import Database
from crm_platform.events.bell import OutboxBell
from crm_platform.objects.store import Objects
from crm_platform.operations.compute import Compute
from crm_platform.operations.kinds import Standing
from crm_platform.operations.metrics import OperationMetrics
from crm_platform.operations.settings import RunnerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What all turns of one worker share."""

    service: str
    database: Database
    bell: OutboxBell
    compute: Compute
    metrics: OperationMetrics
    settings: RunnerSettings
    objects: Objects
    standing: Standing | None = None

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts unless it is kept."""
        return timedelta(seconds=self.settings.lease)
