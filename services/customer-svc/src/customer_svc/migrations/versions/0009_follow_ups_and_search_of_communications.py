"""Follow-ups and search of communications."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CHANNELS = (
    "channel IN ('phone', 'video', 'in_person', 'email', 'wechat', 'wecom', 'dingtalk', 'feishu', 'qq', 'sms', "
    "'whatsapp', 'web_chat', 'other')"
)
_SEARCH = """DO $do$ DECLARE owner name := session_user; reader name := session_user || '_search'; BEGIN
  EXECUTE format('GRANT SELECT (tenant_id, id, owner_id, team_id, happened_at, created_at, updated_at, search) ON communications TO %I', reader);
  EXECUTE format('CREATE POLICY search ON communications FOR SELECT TO %I USING (true)', reader);
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO %I', current_schema(), reader);
  EXECUTE format('SET LOCAL ROLE %I', reader);
  CREATE VIEW communications_searched AS SELECT id, owner_id, team_id, happened_at, created_at, updated_at, search FROM communications WHERE tenant_id = nullif(current_setting('crm.tenant_id', true), '')::uuid;
  EXECUTE format('GRANT SELECT ON communications_searched TO %I', owner);
  RESET ROLE;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM %I', current_schema(), reader);
END $do$"""


def upgrade() -> None:
    """Expand the schema; the running version must go on working."""
    for name in ("participant_user_ids", "participant_contact_ids"):
        none = sa.text("'{}'::uuid[]")
        op.add_column("communications", sa.Column(name, sa.ARRAY(sa.Uuid()), server_default=none, nullable=False))
    op.add_column("communications", sa.Column("channel", sa.Text(), nullable=True))
    op.add_column("communications", sa.Column("direction", sa.Text(), nullable=True))
    op.add_column("communications", sa.Column("outcome", sa.Text(), nullable=True))
    op.add_column("communications", sa.Column("follow_up", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(
        "communications",
        sa.Column(
            "follow_up_due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Of `follow_up`, as are the next two.",
        ),
    )
    op.add_column("communications", sa.Column("follow_up_assignee_id", sa.Uuid(), nullable=True))
    op.add_column("communications", sa.Column("follow_up_status", sa.Text(), nullable=True))
    op.add_column("communications", sa.Column("search", postgresql.TSVECTOR(), nullable=True))
    for column, condition in (("channel", _CHANNELS), ("direction", "direction IN ('inbound', 'outbound')")):
        name = f"ck_communications_{column}"
        op.create_check_constraint(op.f(name), "communications", condition, postgresql_not_valid=True)
    op.execute(_SEARCH)
