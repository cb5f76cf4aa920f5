"""Statements about the facts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert

from crm_platform.companies import ZONE_SQL
from crm_platform.db import Connection, Query
from customer_svc.facts.models import SOURCES, customer_facts

_IDS = bindparam("ids", type_=ARRAY(Uuid))


def _enter() -> Query:
    told = func.unnest(_IDS).table_valued("id").render_derived("told")
    statement = insert(customer_facts).from_select(["customer_id"], select(told.c.id).order_by(told.c.id))
    return Query(statement.on_conflict_do_nothing())


_ENTER = _enter()
_LOCK = Query(
    select(customer_facts.c.customer_id)
    .where(customer_facts.c.customer_id == _IDS.any_())
    .order_by(customer_facts.c.customer_id)
    .with_for_update(key_share=True)
)


def _owners(table: Table) -> Query:
    return Query(select(table.c.customer_id).distinct().where(table.c.id == _IDS.any_()))


_OWNERS = {kind: _owners(table) for kind, table in SOURCES.items()}

# Sums never mix currencies: the value is that of the orders in the currency of the last one.
_REFRESH = f"""
WITH figures AS (
  SELECT id AS customer_id, orders.*, opportunities.*, tickets.*, surveys.*, communications.*
  FROM unnest($1::uuid[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS orders, max(ordered_on)::timestamp AT TIME ZONE {ZONE_SQL} AS last_order_at,
      sum(total_amount) FILTER (WHERE total_currency = last.currency) AS orders_value_amount,
      min(last.currency) AS orders_value_currency
    FROM known_orders LEFT JOIN LATERAL (
      SELECT total_currency AS currency FROM known_orders WHERE customer_id = wanted.id
      ORDER BY ordered_on DESC, id DESC LIMIT 1
    ) AS last ON true WHERE customer_id = wanted.id
  ) AS orders
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS open_opportunities FROM known_opportunities
    WHERE customer_id = wanted.id AND stage NOT IN ('won', 'lost')
  ) AS opportunities
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS open_tickets FROM known_tickets
    WHERE customer_id = wanted.id AND status NOT IN ('resolved', 'closed')
  ) AS tickets
  CROSS JOIN LATERAL (
    SELECT count(score)::int AS surveys_answered, round(avg(score), 2) AS satisfaction FROM known_surveys
    WHERE customer_id = wanted.id
  ) AS surveys
  CROSS JOIN LATERAL (
    SELECT max(happened_at) AS last_communication_at FROM communications WHERE customer_id = wanted.id
  ) AS communications
)
UPDATE customer_facts AS known SET (
  orders, last_order_at, orders_value_amount, orders_value_currency, open_opportunities, open_tickets,
  surveys_answered, satisfaction, last_communication_at
) = (
  figures.orders, figures.last_order_at, figures.orders_value_amount, figures.orders_value_currency,
  figures.open_opportunities, figures.open_tickets, figures.surveys_answered, figures.satisfaction,
  figures.last_communication_at
)
FROM figures WHERE known.customer_id = figures.customer_id AND (
  known.orders, known.last_order_at, known.orders_value_amount, known.orders_value_currency,
  known.open_opportunities, known.open_tickets, known.surveys_answered, known.satisfaction,
  known.last_communication_at
) IS DISTINCT FROM (
  figures.orders, figures.last_order_at, figures.orders_value_amount, figures.orders_value_currency,
  figures.open_opportunities, figures.open_tickets, figures.surveys_answered, figures.satisfaction,
  figures.last_communication_at
)
"""


async def owners(connection: Connection, kind: str, ids: Sequence[UUID]) -> set[UUID]:
    """The customers to whom the copies of some records belong."""
    query = _OWNERS[kind]
    rows: Sequence[Any] = await connection.fetch(query.text, *query.args(ids=list(ids)))
    return {row[0] for row in rows if row[0] is not None}


async def lock(connection: Connection, ids: Sequence[UUID]) -> None:
    """Lock the facts of customers, in the order of their ids; those without facts get empty ones."""
    await connection.execute(_ENTER.text, *_ENTER.args(ids=list(ids)))
    await connection.execute(_LOCK.text, *_LOCK.args(ids=list(ids)))


async def refresh(connection: Connection, ids: Sequence[UUID]) -> None:
    """Make the facts of customers anew; the caller holds their locks."""
    await connection.execute(_REFRESH, list(ids))
