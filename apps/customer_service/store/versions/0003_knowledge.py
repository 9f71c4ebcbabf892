"""Sources of the knowledge base with their documents, warnings that were put aside."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "support_sources",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_support_sources"),
        sa.UniqueConstraint("collection", "name", name="uq_support_sources_collection_name"),
    )
    op.create_table(
        "support_source_documents",
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "key", name="pk_support_source_documents"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["support_sources.id"], name="fk_support_source_documents_source_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_support_source_documents_key", "support_source_documents", ["key"])
    op.create_table(
        "support_dismissed_warnings",
        sa.Column("collection", sa.String(64), nullable=False),
        sa.Column("warning", sa.String(40), nullable=False),
        sa.Column("key_name", sa.String(200), nullable=False),
        sa.Column("dismissed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("collection", "warning", name="pk_support_dismissed_warnings"),
    )


def downgrade() -> None:
    """Remove the tables; documents stay."""
    for table in ("support_dismissed_warnings", "support_source_documents", "support_sources"):
        op.drop_table(table)
