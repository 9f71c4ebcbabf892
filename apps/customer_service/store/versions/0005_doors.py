"""Erasures, webhooks out with their deliveries, sources of messages with their threads."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "support_erasures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_erasures"),
    )
    _webhooks()
    _channels()


def _webhooks() -> None:
    op.create_table(
        "support_webhooks",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("read_to", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_webhooks"),
    )
    op.create_table(
        "support_deliveries",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("webhook_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(100), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_deliveries"),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["support_webhooks.id"],
            name="fk_support_deliveries_webhook_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            name="fk_support_deliveries_entry",
            ondelete="CASCADE",
        ),
    )
    entry = ["webhook_id", "conversation_id", "number"]
    op.create_index("ix_support_deliveries_entry", "support_deliveries", entry, unique=True)
    op.create_index("ix_support_deliveries_due", "support_deliveries", ["state", "due_at"])
    op.create_index("ix_support_deliveries_conversation", "support_deliveries", ["conversation_id", "number"])


def _channels() -> None:
    op.create_table(
        "support_channels",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_support_channels"),
    )
    op.create_table(
        "support_threads",
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("channel", "thread", name="pk_support_threads"),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["support_channels.name"],
            name="fk_support_threads_channel",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["support_conversations.id"],
            name="fk_support_threads_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_support_threads_conversation_id", "support_threads", ["conversation_id"])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("threads", "channels", "deliveries", "webhooks", "erasures"):
        op.drop_table(f"support_{name}")
