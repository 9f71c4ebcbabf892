"""Rules, answers that were given, and vectors of items' texts."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "recommend_rules",
        sa.Column("key", KEY, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("items", "categories", "attributes", "lists")),
        sa.Column("position", sa.Integer()),
        sa.Column("strength", sa.Double()),
        sa.Column("starts_at", UTCDateTime()),
        sa.Column("ends_at", UTCDateTime()),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_recommend_rules"),
    )
    op.create_index("ix_recommend_rules_revision", "recommend_rules", ["revision"])
    op.create_table(
        "recommend_answers",
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("visitor_key", KEY),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("model", sa.String(160), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("request", name="pk_recommend_answers"),
        sa.ForeignKeyConstraint(
            ["visitor_key"], ["recommend_visitors.key"], name="fk_recommend_answers_visitor_key", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_recommend_answers_at", "recommend_answers", ["at"])
    op.create_index("ix_recommend_answers_visitor_key", "recommend_answers", ["visitor_key"])
    op.create_table(
        "recommend_item_vectors",
        sa.Column("number", KEY, nullable=False),
        sa.Column("item_key", KEY, nullable=False),
        sa.Column("space", sa.String(200), nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_recommend_item_vectors"),
        sa.UniqueConstraint("item_key", name="uq_recommend_item_vectors_item_key"),
        sa.ForeignKeyConstraint(["item_key"], ["recommend_items.key"], name="fk_recommend_item_vectors_item_key"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("item_vectors", "answers", "rules"):
        op.drop_table(f"recommend_{name}")
