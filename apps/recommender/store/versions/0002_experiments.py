"""Experiments, and who saw which arm."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "recommend_experiments",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("traffic", sa.Double(), nullable=False),
        sa.Column("arms", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("lane_slots", sa.JSON(), nullable=False),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("window_hours", sa.Double(), nullable=False),
        sa.Column("guardrails", sa.JSON(), nullable=False),
        sa.Column("alpha", sa.Double(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime()),
        sa.Column("stopped_at", UTCDateTime()),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recommend_experiments"),
    )
    op.create_index("ix_recommend_experiments_state", "recommend_experiments", ["state", "lane"])
    op.create_table(
        "recommend_exposures",
        sa.Column("experiment_id", sa.String(40), nullable=False),
        sa.Column("visitor_key", KEY, autoincrement=False, nullable=False),
        sa.Column("arm", sa.String(32), nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["recommend_experiments.id"],
            name="fk_recommend_exposures_experiment_id_recommend_experiments",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["visitor_key"],
            ["recommend_visitors.key"],
            name="fk_recommend_exposures_visitor_key_recommend_visitors",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("experiment_id", "visitor_key", "arm", name="pk_recommend_exposures"),
    )
    op.create_index("ix_recommend_exposures_visitor_key", "recommend_exposures", ["visitor_key"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("recommend_exposures")
    op.drop_table("recommend_experiments")
