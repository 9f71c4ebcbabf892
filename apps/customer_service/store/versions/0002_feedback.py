"""Customers' opinions on single answers."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "support_feedback",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thumb", sa.String(8), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_support_feedback"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "number"],
            ["support_entries.conversation_id", "support_entries.number"],
            name="fk_support_feedback_entry",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_support_feedback_created_at", "support_feedback", ["created_at"])


def downgrade() -> None:
    """Remove the table with all it holds."""
    op.drop_table("support_feedback")
