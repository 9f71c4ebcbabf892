"""Conversations, their entries, agents and queues."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = ("customer_service",)
depends_on = None


def upgrade() -> None:
    """Make the tables, and the one queue that every desk has."""
    op.create_table(
        "support_conversations",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(64), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(80), nullable=True),
        sa.Column("preferred", sa.String(80), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("resolution", sa.String(40), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        *[
            sa.Column(f"{name}_at", UTCDateTime(), nullable=True)
            for name in (
                "handed_over",
                "queued",
                "assigned",
                "first_reply",
                "customer",
                "agent",
                "resolved",
                "reopened",
            )
        ],
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("csat_comment", sa.Text(), nullable=True),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_conversations"),
    )
    for name, columns in {
        "queue": ["state", "queue", "priority", "queued_at"],
        "customer": ["customer", "created_at"],
        "agent": ["agent", "state"],
        "created_at": ["created_at"],
        "updated_at": ["updated_at"],
    }.items():
        op.create_index(f"ix_support_conversations_{name}", "support_conversations", columns)
    op.create_table(
        "support_entries",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("author", sa.String(80), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("client_id", sa.String(80), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_support_entries"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["support_conversations.id"],
            name="fk_support_entries_conversation_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("conversation_id", "client_id", name="uq_support_entries_conversation_id_client_id"),
    )
    op.create_index("ix_support_entries_created_at", "support_entries", ["created_at"])
    op.create_table(
        "support_agents",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("most_chats", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_agents"),
    )
    queues = op.create_table(
        "support_queues",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("first_reply_s", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_support_queues"),
    )
    everyone = {
        "name": "everyone",
        "title": "Everyone",
        "skills": [],
        "priority": 0,
        "zone": "UTC",
        "hours": {},
        "first_reply_s": 120.0,
        "version": 1,
    }
    op.bulk_insert(queues, [everyone])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("support_queues", "support_agents", "support_entries", "support_conversations"):
        op.drop_table(name)
