"""What is known about a collection, by name."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# SQLite only numbers rows by itself in an INTEGER column.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of notes."""
    op.create_table(
        "collection_notes",
        sa.Column("collection_id", Id, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "name", name="pk_collection_notes"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_collection_notes_collection_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Forget all notes."""
    op.drop_table("collection_notes")
