"""Which chats a queue takes; drafts, canned replies, marked intents."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let the queue that is there take everything."""
    with op.batch_alter_table("support_queues") as queues:
        queues.add_column(sa.Column("takes", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    with op.batch_alter_table("support_queues") as queues:
        queues.alter_column("takes", existing_type=sa.JSON(), server_default=None)
    op.create_table(
        "support_drafts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("citations", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_number", sa.Integer(), nullable=True),
        sa.Column("sent_text", sa.Text(), nullable=True),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("distance", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_support_drafts"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["support_conversations.id"],
            name="fk_support_drafts_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_support_drafts_conversation_id", "support_drafts", ["conversation_id"])
    op.create_table(
        "support_canned_replies",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_support_canned_replies"),
    )
    op.create_table(
        "support_intents",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("intent", sa.String(120), nullable=True),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("marked_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_support_intents"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            name="fk_support_intents_conversation_id_number",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_support_intents_intent", "support_intents", ["intent"])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("support_intents", "support_canned_replies", "support_drafts"):
        op.drop_table(name)
    with op.batch_alter_table("support_queues") as queues:
        queues.drop_column("takes")
