"""Tables of the simulations: their figures, and curves, bars and tasks beside these."""

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from crm_contracts.risk.v1 import RiskSimulationSnapshot
from crm_platform.db.schema import aggregate_table, belongs_to, money_columns, tenant_table
from crm_platform.store import Aggregate
from project_svc.metadata import METADATA
from project_svc.risk_simulations.domain import NOUN, RiskSimulation

_FIGURES = ("mean", "p10", "p50", "p80", "p90")

risk_simulations: Table = aggregate_table(
    "risk_simulations",
    METADATA,
    Column("project_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("plan_revision", Integer, nullable=False),
    Column("iterations", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("tasks", Integer, nullable=False),
    Column("risks", Integer, nullable=False),
    Column("planned_finish", DateTime(timezone=True), nullable=False),
    *(Column(f"finish_{figure}", DateTime(timezone=True), nullable=False) for figure in _FIGURES),
    *money_columns("planned_cost", nullable=False),
    *(column for figure in _FIGURES for column in money_columns(f"cost_{figure}", nullable=False)),
    *money_columns("reserve", nullable=False),
    Column("reserve_percentile", Integer, nullable=False),
    Column("on_time_percent", Integer),
    Column("within_budget_percent", Integer),
    Column("both_percent", Integer),
    belongs_to("project_id", "projects"),
    Index(None, "tenant_id", "project_id", "id"),
    Index(None, "tenant_id", "customer_id"),
    owned=True,
)

risk_simulation_details: Table = tenant_table(
    "risk_simulation_details",
    METADATA,
    Column("id", Uuid, nullable=False),
    Column("body", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    belongs_to("id", "risk_simulations"),
)

RISK_SIMULATIONS = Aggregate(
    name="risk_simulation",
    plural="risk-simulations",
    what=NOUN,
    table=risk_simulations,
    state=RiskSimulation,
    snapshot=RiskSimulationSnapshot,
)
