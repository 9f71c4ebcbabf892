"""Lists that arms made, what experiments were before they were changed, and what answers were asked for with."""

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the column."""
    op.add_column("recommend_answers", sa.Column("asked", sa.JSON()))
    op.create_table(
        "recommend_arm_lists",
        sa.Column("experiment_id", sa.String(40), nullable=False),
        sa.Column("arm", sa.String(32), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("without", sa.BigInteger(), nullable=False),
        sa.Column("well_at", sa.Double(), nullable=False),
        sa.Column("unable_at", sa.Double(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "arm", name="pk_recommend_arm_lists"),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["recommend_experiments.id"],
            name="fk_recommend_arm_lists_experiment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "recommend_experiment_changes",
        sa.Column("experiment_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "version", name="pk_recommend_experiment_changes"),
        sa.ForeignKeyConstraint(
            ["experiment_id"],
            ["recommend_experiments.id"],
            name="fk_recommend_experiment_changes_experiment_id",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Remove the tables and the column with all they hold."""
    op.drop_table("recommend_experiment_changes")
    op.drop_table("recommend_arm_lists")
    op.drop_column("recommend_answers", "asked")
