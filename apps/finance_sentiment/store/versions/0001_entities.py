"""Companies that are looked for in texts."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = ("finance_sentiment",)
depends_on = None


def upgrade() -> None:
    """Make the tables, and the one row that changes of the list lock."""
    op.create_table(
        "finance_entities",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("tickers", sa.JSON(), nullable=False),
        sa.Column("sector", sa.String(80), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("anticontext", sa.JSON(), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_entities"),
    )
    op.create_index("ix_finance_entities_watched", "finance_entities", ["watched"])
    state = op.create_table(
        "finance_entity_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finance_entity_state"),
    )
    op.bulk_insert(state, [{"id": 1, "revision": 0, "shipped": ""}])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("finance_entity_state", "finance_entities"):
        op.drop_table(name)
