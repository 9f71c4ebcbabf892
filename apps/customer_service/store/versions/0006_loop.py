"""Proposed entries of the knowledge base."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "support_proposals",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("published", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_support_proposals"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["support_conversations.id"],
            name="fk_support_proposals_conversation_id",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_support_proposals_state", "support_proposals", ["state", "created_at"])
    op.create_index("ix_support_proposals_entry", "support_proposals", ["conversation_id", "number"])


def downgrade() -> None:
    """Remove the table with all it holds; what was published stays in the knowledge base."""
    op.drop_table("support_proposals")
