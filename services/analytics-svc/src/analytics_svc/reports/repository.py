"""The figures, as statements that PostgreSQL answers with JSON.

They are written as SQL: each is one aggregation, and the caller's visibility is a parameter of all of them.
Sums never mix currencies.
"""

from crm_platform.reads.visibility import VISIBLE_SQL

AS_OF = "(SELECT max(moved_at) FROM consumer_position)"
"""When this service last took in events; no figure is newer."""


def _rate(part: str, whole: str) -> str:
    return f"round({part}::numeric / nullif({whole}, 0), 4)::float8"


def _money(amount: str, currency: str) -> str:
    object_ = f"json_build_object('amount', trim_scale({amount})::text, 'currency', {currency})"
    return f"CASE WHEN {amount} IS NOT NULL AND {currency} IS NOT NULL THEN {object_} END"


_WON = "count(*) FILTER (WHERE stage = 'won')"
_LOST = "count(*) FILTER (WHERE stage = 'lost')"
_OPEN = "count(*) FILTER (WHERE stage IN ('prospecting', 'engaging'))"
_WON_VALUE = "sum(value_amount) FILTER (WHERE stage = 'won')"

SALES = f"""
WITH deals AS MATERIALIZED (SELECT * FROM opportunities WHERE {VISIBLE_SQL}),
stages AS (
  SELECT stage, value_currency AS currency, count(*) AS count, {_money("sum(value_amount)", "value_currency")} AS value
  FROM deals GROUP BY stage, value_currency
),
agents AS (
  SELECT deals.owner_id AS agent_id, people.name AS agent, deals.value_currency AS currency,
    {_OPEN} AS open, {_WON} AS won, {_LOST} AS lost, {_money(_WON_VALUE, "deals.value_currency")} AS won_value,
    {_rate(_WON, f"({_WON} + {_LOST})")} AS win_rate
  FROM deals LEFT JOIN people ON people.id = deals.owner_id
  GROUP BY deals.owner_id, people.name, deals.value_currency
)
SELECT json_build_object(
  'as_of', {AS_OF},
  'win_rate', (SELECT {_rate(_WON, f"({_WON} + {_LOST})")} FROM deals),
  'stages', (SELECT coalesce(json_agg(stages ORDER BY
      array_position(ARRAY['prospecting', 'engaging', 'won', 'lost'], stage), currency), '[]') FROM stages),
  'agents', (SELECT coalesce(json_agg(agents ORDER BY
      (won_value ->> 'amount')::numeric DESC NULLS LAST, agent, agent_id, currency), '[]') FROM agents)
)::text
"""

_ACCEPTED = "count(*) FILTER (WHERE status = 'accepted')"
_ON_TIME = "count(*) FILTER (WHERE on_time)"
_FIRST_TIME = "count(*) FILTER (WHERE status = 'accepted' AND submissions = 1)"

DELIVERIES = f"""
SELECT json_build_object(
  'as_of', {AS_OF},
  'planned', count(*) FILTER (WHERE status IN ('planned', 'in_progress', 'rejected')),
  'submitted', count(*) FILTER (WHERE status = 'submitted'),
  'accepted', {_ACCEPTED},
  'on_time', {_ON_TIME},
  'on_time_rate', {_rate(_ON_TIME, _ACCEPTED)},
  'first_time_right', {_FIRST_TIME},
  'first_time_right_rate', {_rate(_FIRST_TIME, _ACCEPTED)},
  'risks_open', (SELECT count(*) FROM risks WHERE status <> 'closed' AND {VISIBLE_SQL}),
  'risks_exceeded', (SELECT count(*) FROM risks WHERE status <> 'closed' AND exceeded AND {VISIBLE_SQL})
)::text FROM deliveries WHERE {VISIBLE_SQL}
"""

_ANSWERED = "count(*) FILTER (WHERE status = 'answered')"
_SATISFIED = "count(*) FILTER (WHERE score >= 4)"
_TICKETS = f"(SELECT count(*) FROM tickets WHERE {{condition}} AND {VISIBLE_SQL})"

SATISFACTION = f"""
SELECT json_build_object(
  'as_of', {AS_OF},
  'surveys_sent', count(*),
  'surveys_answered', {_ANSWERED},
  'response_rate', {_rate(_ANSWERED, "count(*)")},
  'satisfied', {_SATISFIED},
  'csat', {_rate(_SATISFIED, _ANSWERED)},
  'average_score', round(avg(score), 4)::float8,
  'tickets_open', {_TICKETS.format(condition="status IN ('new', 'assigned')")},
  'tickets_resolved', {_TICKETS.format(condition="status IN ('resolved', 'closed')")},
  'complaints', {_TICKETS.format(condition="kind = 'complaint'")}
)::text FROM surveys WHERE {VISIBLE_SQL}
"""


def _of_customer(expression: str, table: str) -> str:
    return f"(SELECT {expression} FROM {table} WHERE customer_id = $4 AND {VISIBLE_SQL})"


def _sums(table: str, name: str, condition: str = "true") -> str:
    """One amount per currency."""
    summed = f"""SELECT {_money(f"sum({name}_amount)", f"{name}_currency")} AS money, {name}_currency AS currency
    FROM {table} WHERE customer_id = $4 AND {name}_currency IS NOT NULL AND {condition} AND {VISIBLE_SQL}
    GROUP BY {name}_currency"""
    return f"(SELECT coalesce(json_agg(money ORDER BY currency), '[]') FROM ({summed}) sums)"


CUSTOMER = f"""
SELECT json_build_object(
  'customer_id', $4::uuid,
  'as_of', {AS_OF},
  'opportunities_open', {_of_customer(_OPEN, "opportunities")},
  'opportunities_won', {_of_customer(_WON, "opportunities")},
  'opportunities_lost', {_of_customer(_LOST, "opportunities")},
  'won_value', {_sums("opportunities", "value", "stage = 'won'")},
  'ordered', {_sums("orders", "total")},
  'paid', {_sums("orders", "paid")},
  'projects_active', {_of_customer("count(*) FILTER (WHERE status = 'active')", "projects")},
  'deliveries_accepted', {_of_customer(_ACCEPTED, "deliveries")},
  'on_time_rate', {_of_customer(_rate(_ON_TIME, _ACCEPTED), "deliveries")},
  'risks_exceeded', {_of_customer("count(*) FILTER (WHERE exceeded AND status <> 'closed')", "risks")},
  'tickets_open', {_of_customer("count(*) FILTER (WHERE status IN ('new', 'assigned'))", "tickets")},
  'csat', {_of_customer(_rate(_SATISFIED, _ANSWERED), "surveys")}
)::text
"""
