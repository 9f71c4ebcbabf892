"""What analysts corrected."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "finance_corrections",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("entity_id", sa.String(64)),
        sa.Column("reading_id", KEY),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(160), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["finance_documents.id"],
            name="fk_finance_corrections_document_id_finance_documents",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["finance_entities.id"], name="fk_finance_corrections_entity_id_finance_entities"
        ),
        sa.ForeignKeyConstraint(
            ["reading_id"],
            ["finance_readings.id"],
            name="fk_finance_corrections_reading_id_finance_readings",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_finance_corrections"),
    )
    op.create_index("ix_finance_corrections_document", "finance_corrections", ["document_id"])
    op.create_index("ix_finance_corrections_kind", "finance_corrections", ["kind", "id"])


def downgrade() -> None:
    """Remove the table with all it holds."""
    op.drop_table("finance_corrections")
