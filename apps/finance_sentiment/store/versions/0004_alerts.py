"""Rules, alerts, mutes, what the detector knows; channels and what goes out by them."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NOT_CLOSED = sa.text("closed_at IS NULL")


def upgrade() -> None:
    """Make the tables."""
    _make_rules()
    _make_alerts()
    _make_memory()
    _make_channels()


def _make_rules() -> None:
    op.create_table(
        "finance_rules",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("who", sa.JSON(), nullable=False),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_rules"),
    )
    op.create_table(
        "finance_mutes",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.String(64), nullable=True),
        sa.Column("rule_id", sa.String(40), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(160), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["finance_entities.id"], name="fk_finance_mutes_entity_id"),
        sa.ForeignKeyConstraint(["rule_id"], ["finance_rules.id"], name="fk_finance_mutes_rule_id"),
        sa.PrimaryKeyConstraint("id", name="pk_finance_mutes"),
    )
    op.create_index("ix_finance_mutes_until", "finance_mutes", ["until"], unique=False)


def _make_alerts() -> None:
    op.create_table(
        "finance_alerts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("rule_id", sa.String(40), nullable=True),
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("lasts", sa.Boolean(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_because", sa.String(200), nullable=False),
        sa.Column("acknowledged_by", sa.String(160), nullable=True),
        sa.Column("snoozed_until", UTCDateTime(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("remind_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["finance_entities.id"], name="fk_finance_alerts_entity_id"),
        sa.ForeignKeyConstraint(["rule_id"], ["finance_rules.id"], name="fk_finance_alerts_rule_id"),
        sa.PrimaryKeyConstraint("id", name="pk_finance_alerts"),
    )
    op.create_index("ix_finance_alerts_entity", "finance_alerts", ["entity_id", "opened_at"], unique=False)
    op.create_index(
        "ix_finance_alerts_one_not_closed",
        "finance_alerts",
        ["subject", "entity_id"],
        unique=True,
        sqlite_where=NOT_CLOSED,
        postgresql_where=NOT_CLOSED,
    )
    op.create_index("ix_finance_alerts_opened_at", "finance_alerts", ["opened_at", "id"], unique=False)
    op.create_index("ix_finance_alerts_remind_at", "finance_alerts", ["remind_at"], unique=False)
    op.create_index("ix_finance_alerts_state", "finance_alerts", ["state", "opened_at"], unique=False)
    op.create_table(
        "finance_alert_steps",
        sa.Column("alert_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("by", sa.String(160), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["finance_alerts.id"], name="fk_finance_alert_steps_alert_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "number", name="pk_finance_alert_steps"),
    )


def _make_memory() -> None:
    op.create_table(
        "finance_followed",
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", name="pk_finance_followed"),
    )
    op.create_table(
        "finance_holding",
        sa.Column("rule_id", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["finance_entities.id"], name="fk_finance_holding_entity_id"),
        sa.ForeignKeyConstraint(["rule_id"], ["finance_rules.id"], name="fk_finance_holding_rule_id"),
        sa.PrimaryKeyConstraint("rule_id", "entity_id", name="pk_finance_holding"),
    )
    op.create_table(
        "finance_look",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.Column("bucket_hours", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_look"),
    )
    op.execute("INSERT INTO finance_look (id, hour, bucket_hours, revision) VALUES (1, NULL, 1, 0)")


def _make_channels() -> None:
    op.create_table(
        "finance_channels",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("signals", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_channels"),
    )
    op.create_table(
        "finance_deliveries",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("alert_id", sa.String(40), nullable=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(200), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["finance_alerts.id"], name="fk_finance_deliveries_alert_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["finance_channels.id"], name="fk_finance_deliveries_channel_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finance_deliveries"),
        sa.UniqueConstraint(
            "channel_id", "alert_id", "event", "number", name="uq_finance_deliveries_channel_id_alert_id_event_number"
        ),
    )
    op.create_index("ix_finance_deliveries_alert_id", "finance_deliveries", ["alert_id"], unique=False)
    op.create_index("ix_finance_deliveries_created_at", "finance_deliveries", ["created_at", "id"], unique=False)
    op.create_index("ix_finance_deliveries_due", "finance_deliveries", ["state", "due_at"], unique=False)


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in (
        "finance_deliveries",
        "finance_channels",
        "finance_look",
        "finance_holding",
        "finance_followed",
        "finance_alert_steps",
        "finance_alerts",
        "finance_mutes",
        "finance_rules",
    ):
        op.drop_table(name)
