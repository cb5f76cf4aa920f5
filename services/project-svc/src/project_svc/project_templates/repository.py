"""Queries of the templates beyond load, insert and update."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, cast, select

from crm_contracts.project_template.v1 import TemplateStatus
from crm_platform.db import Connection, Query
from project_svc.project_templates.domain import ProjectTemplate
from project_svc.project_templates.models import (
    PROJECT_TEMPLATES,
    project_template_contents,
    project_templates,
)

_TABLE = project_templates.c
_STATE = PROJECT_TEMPLATES.loaded_columns()
_OF_CODE = _TABLE.code == bindparam("code", type_=Text)
_PUBLISHED = _TABLE.status == TemplateStatus.PUBLISHED.value
_IN_FORCE = Query(select(*_STATE).where(_OF_CODE, _PUBLISHED))
_FOUND = Query(select(*_STATE).where(_TABLE.id == bindparam("id", type_=Uuid)))
_NEWEST = Query(select(*_STATE).where(_OF_CODE).order_by(_TABLE.edition.desc()).limit(1))
_WITH_RULES = Query(
    select(*_STATE).where(_PUBLISHED, _TABLE.deal_rule.is_not(None)).order_by(_TABLE.deal_priority.desc(), _TABLE.code)
)
_CONTENT = Query(
    select(project_template_contents.c.content).where(
        project_template_contents.c.template_id == bindparam("id", type_=Uuid)
    )
)
_SHOWN = Query(
    select(
        PROJECT_TEMPLATES.resource.json_of(project_templates).label("shown"),
        _TABLE.version,
        cast(project_template_contents.c.content, Text).label("content"),
    )
    .join(project_template_contents, project_template_contents.c.template_id == _TABLE.id)
    .where(_TABLE.id == bindparam("id", type_=Uuid))
)
_BEYOND_SCALE: Final = f"""
SELECT id, code, edition, probability, impact
FROM {project_templates.name} t
JOIN {project_template_contents.name} c ON c.template_id = t.id
CROSS JOIN LATERAL (
  SELECT
    max(greatest(probability, residual_probability)) AS probability,
    max(greatest(impact, residual_impact)) AS impact
  FROM jsonb_to_recordset(c.content -> 'risks')
    AS r (probability integer, impact integer, residual_probability integer, residual_impact integer)
) highest
WHERE status = '{TemplateStatus.PUBLISHED.value}' AND (probability > $1 OR impact > $2)
ORDER BY code
"""
_KEEP = (
    f"INSERT INTO {project_template_contents.name} (template_id, content) VALUES ($1, $2)"
    " ON CONFLICT (tenant_id, template_id) DO UPDATE SET content = excluded.content"
)


async def in_force(connection: Connection, code: str) -> ProjectTemplate | None:
    """The edition of a code that is published."""
    return _state(await connection.fetchrow(_IN_FORCE.text, *_IN_FORCE.args(code=code)))


async def find(connection: Connection, id: UUID) -> ProjectTemplate | None:
    """An edition; None where there is none."""
    return _state(await connection.fetchrow(_FOUND.text, *_FOUND.args(id=id)))


async def newest(connection: Connection, code: str) -> ProjectTemplate | None:
    """The last edition of a code, whatever became of it."""
    return _state(await connection.fetchrow(_NEWEST.text, *_NEWEST.args(code=code)))


async def with_rules(connection: Connection) -> list[ProjectTemplate]:
    """The templates in force that have a rule about deals, in the order in which these are asked."""
    rows = await connection.fetch(_WITH_RULES.text, *_WITH_RULES.args())
    return [PROJECT_TEMPLATES.spec.from_row(row) for row in rows]


async def content_of(connection: Connection, id: UUID) -> Any:
    """What is in a template, as JSON."""
    return await connection.fetchval(_CONTENT.text, *_CONTENT.args(id=id))


async def shown(connection: Connection, id: UUID) -> Any:
    """A template as JSON, its version, and what is in it as JSON; None where there is none."""
    return await connection.fetchrow(_SHOWN.text, *_SHOWN.args(id=id))


async def beyond_scale(connection: Connection, *, probability: int, impact: int) -> list[dict[str, Any]]:
    """Published templates with risks at higher steps, each with its highest ones."""
    rows = await connection.fetch(_BEYOND_SCALE, probability, impact)
    return [{**row, "id": str(row["id"])} for row in rows]


async def keep_content(connection: Connection, id: UUID, content: dict[str, Any]) -> None:
    """File what is in a template; the caller has its lock, or has just made it."""
    await connection.execute(_KEEP, id, content)


def _state(row: Any) -> ProjectTemplate | None:
    return None if row is None else PROJECT_TEMPLATES.spec.from_row(row)
