"""Items, users, sessions and events."""

import secrets

import sqlalchemy as sa
from alembic import op

from core.database import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = ("recommender",)
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the one row that changes lock."""
    _items()
    _visitors()
    _events()
    state = op.create_table(
        "recommend_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("items", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("moves", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recommend_state"),
    )
    op.bulk_insert(state, [{"id": 1, "items": 0, "events": 0, "moves": 0, "secret": secrets.token_bytes(32)}])


def _items() -> None:
    op.create_table(
        "recommend_items",
        sa.Column("key", KEY, nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("price", sa.Double()),
        sa.Column("stock", sa.BigInteger()),
        sa.Column("available_from", UTCDateTime()),
        sa.Column("available_until", UTCDateTime()),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_recommend_items"),
        sa.UniqueConstraint("id", name="uq_recommend_items_id"),
    )
    op.create_index("ix_recommend_items_revision", "recommend_items", ["revision"])


def _visitors() -> None:
    op.create_table(
        "recommend_visitors",
        sa.Column("key", KEY, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("consent", sa.Boolean()),
        sa.Column("user_key", KEY),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_recommend_visitors"),
        sa.UniqueConstraint("kind", "id", name="uq_recommend_visitors_kind_id"),
        sa.ForeignKeyConstraint(
            ["user_key"], ["recommend_visitors.key"], name="fk_recommend_visitors_user_key", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recommend_visitors_user_key", "recommend_visitors", ["user_key"])
    op.create_table(
        "recommend_erased",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_recommend_erased"),
    )


def _events() -> None:
    op.create_table(
        "recommend_event_types",
        sa.Column("key", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_recommend_event_types"),
        sa.UniqueConstraint("name", name="uq_recommend_event_types_name"),
    )
    op.create_table(
        "recommend_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
        sa.Column("visitor_key", KEY, nullable=False),
        sa.Column("item_key", KEY, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recommend_events"),
        sa.UniqueConstraint("digest", name="uq_recommend_events_digest"),
        sa.ForeignKeyConstraint(
            ["visitor_key"], ["recommend_visitors.key"], name="fk_recommend_events_visitor_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_key"], ["recommend_items.key"], name="fk_recommend_events_item_key"),
        sa.ForeignKeyConstraint(["type"], ["recommend_event_types.key"], name="fk_recommend_events_type"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_recommend_events_visitor_key", "recommend_events", ["visitor_key", "at"])
    op.create_index("ix_recommend_events_item_key", "recommend_events", ["item_key", "at"])
    op.create_table(
        "recommend_comments",
        sa.Column("event_id", KEY, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("model", sa.String(160)),
        sa.PrimaryKeyConstraint("event_id", name="pk_recommend_comments"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["recommend_events.id"], name="fk_recommend_comments_event_id", ondelete="CASCADE"
        ),
    )
    waiting = sa.text("model IS NULL")
    op.create_index(
        "ix_recommend_comments_waiting",
        "recommend_comments",
        ["event_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "recommend_feedback",
        sa.Column("event_id", KEY, autoincrement=False, nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_recommend_feedback"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["recommend_events.id"], name="fk_recommend_feedback_event_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_recommend_feedback_request", "recommend_feedback", ["request"])


def downgrade() -> None:
    """Remove the tables with all they hold."""
    for name in ("feedback", "comments", "events", "event_types", "erased", "visitors", "items", "state"):
        op.drop_table(f"recommend_{name}")
