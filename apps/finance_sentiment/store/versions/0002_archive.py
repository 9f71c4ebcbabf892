"""Captured documents, their stories, what was read from them, and hourly sums."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "finance_stories",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_stories"),
    )
    op.create_index("ix_finance_stories_last_at", "finance_stories", ["last_at"])
    _make_documents()
    _make_readings()
    op.create_table(
        "finance_hours",
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("hour", UTCDateTime(), nullable=False),
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("echoes", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("weighted", sa.Float(), nullable=False),
        sa.Column("squared", sa.Float(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("neutral", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["finance_entities.id"], name="fk_finance_hours_entity_id_finance_entities"
        ),
        sa.PrimaryKeyConstraint("entity_id", "hour", name="pk_finance_hours"),
    )
    op.create_index("ix_finance_hours_hour", "finance_hours", ["hour"])


def _make_documents() -> None:
    op.create_table(
        "finance_documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(512), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("story_id", KEY),
        sa.Column("echo", sa.Boolean(), nullable=False),
        sa.Column("read_at", UTCDateTime()),
        sa.ForeignKeyConstraint(
            ["story_id"], ["finance_stories.id"], name="fk_finance_documents_story_id_finance_stories"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finance_documents"),
        sa.UniqueConstraint("source", "external_id", name="uq_finance_documents_source_external_id"),
    )
    op.create_index("ix_finance_documents_published_at", "finance_documents", ["published_at", "id"])
    op.create_index("ix_finance_documents_story_id", "finance_documents", ["story_id"])
    op.create_index("ix_finance_documents_digest", "finance_documents", ["digest"])
    waits = sa.text("read_at IS NULL")
    op.create_index(
        "ix_finance_documents_waiting", "finance_documents", ["id"], sqlite_where=waits, postgresql_where=waits
    )


def _make_readings() -> None:
    op.create_table(
        "finance_readings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime()),
        sa.Column("relevance", sa.Integer(), nullable=False),
        sa.Column("echo", sa.Boolean(), nullable=False),
        sa.Column("enough", sa.Boolean(), nullable=False),
        sa.Column("negative", sa.Float(), nullable=False),
        sa.Column("neutral", sa.Float(), nullable=False),
        sa.Column("positive", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(160), nullable=False),
        sa.Column("corrected_by", sa.String(160)),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["finance_documents.id"],
            name="fk_finance_readings_document_id_finance_documents",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["finance_entities.id"], name="fk_finance_readings_entity_id_finance_entities"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finance_readings"),
    )
    op.create_index("ix_finance_readings_entity", "finance_readings", ["entity_id", "at"])
    op.create_index("ix_finance_readings_document", "finance_readings", ["document_id"])
    op.create_index("ix_finance_readings_at", "finance_readings", ["at"])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("finance_hours", "finance_readings", "finance_documents", "finance_stories"):
        op.drop_table(name)
