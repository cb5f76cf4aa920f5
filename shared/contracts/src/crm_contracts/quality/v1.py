"""Events about the quality of customer data, major version 1; customer-svc publishes them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import Field

from crm_contracts.base import Bilingual, DomainEvent, Snapshot


class Severity(StrEnum):
    """How bad it is that a customer breaks a rule."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class QualityRuleSnapshot(Snapshot):
    """State of a rule of data quality: what has to be true of a customer's data."""

    code: str
    label: Bilingual
    message: Bilingual = Field(description="What to do about a customer that breaks the rule.")
    expression: str = Field(description="A condition in CEL that is true of good data.")
    applies_to: str | None = Field(description="A condition in CEL on the customers that it is about; null for all.")
    member: str | None = Field(description="The member of a customer that it is about.")
    weight: int = Field(description="1 to 100.")
    severity: Severity
    enabled: bool


class QualityRuleEvent(DomainEvent[QualityRuleSnapshot]):
    """Base of the events about rules."""

    topic = "crm.data_quality.v1"
    aggregate_type = "quality_rule"


class QualityRuleCreated(QualityRuleEvent):
    """A rule was defined."""

    type = "quality_rule.created"


class QualityRuleUpdated(QualityRuleEvent):
    """A rule changed."""

    type = "quality_rule.updated"


class QualityRuleDeleted(QualityRuleEvent):
    """A rule is no more."""

    type = "quality_rule.deleted"


class QualityDimension(StrEnum):
    """By what the figures of data quality are told apart."""

    ALL = "all"
    SOURCE = "source"
    OWNER = "owner"
    TEAM = "team"
    RULE = "rule"
    MEMBER = "member"


class QualityMonitorSnapshot(Snapshot):
    """State of a monitor, which watches the average score of some customers."""

    name: str
    dimension: QualityDimension
    key: str = Field(description="The source, or the id of the owner or team; empty for all customers.")
    degraded_below: Decimal = Field(description="The average score below which the data has degraded.")
    recovered_at: Decimal = Field(description="The average score from which on it is good again; not lower.")
    least_records: int = Field(description="With fewer customers nothing is said.")
    degraded: bool
    average: Decimal | None = Field(description="The average score when that was last turned round.")
    since: datetime | None = Field(description="When that was.")


class QualityMonitorEvent(DomainEvent[QualityMonitorSnapshot]):
    """Base of the events about monitors; `degraded` and `recovered` of one monitor alternate."""

    topic = "crm.data_quality.v1"
    aggregate_type = "quality_monitor"


class QualityMonitorCreated(QualityMonitorEvent):
    """A monitor was set up."""

    type = "quality_monitor.created"


class QualityMonitorUpdated(QualityMonitorEvent):
    """A monitor changed."""

    type = "quality_monitor.updated"


class QualityMonitorDeleted(QualityMonitorEvent):
    """A monitor is no more."""

    type = "quality_monitor.deleted"


class DataQualityDegraded(QualityMonitorEvent):
    """The average score fell below what the monitor allows."""

    type = "data_quality.degraded"


class DataQualityRecovered(QualityMonitorEvent):
    """The average score is good again."""

    type = "data_quality.recovered"


EVENTS: tuple[type[DomainEvent[Any]], ...] = (
    QualityRuleCreated,
    QualityRuleUpdated,
    QualityRuleDeleted,
    QualityMonitorCreated,
    QualityMonitorUpdated,
    QualityMonitorDeleted,
    DataQualityDegraded,
    DataQualityRecovered,
)
