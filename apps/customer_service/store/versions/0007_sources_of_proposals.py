"""What proposals were made of, in a table of its own: erasing finds them by an index, and takes them along."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PROPOSALS = sa.table("support_proposals", sa.column("id", sa.String), sa.column("sources", sa.JSON))


def upgrade() -> None:
    """Move the sources; those whose conversation is gone are left out."""
    connection = op.get_bind()
    held = {row.id: row.sources for row in connection.execute(sa.select(_PROPOSALS))}
    with op.batch_alter_table("support_proposals") as proposals:
        proposals.drop_column("sources")
    sources = op.create_table(
        "support_proposal_sources",
        sa.Column("proposal_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "position", name="pk_support_proposal_sources"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["support_proposals.id"],
            name="fk_support_proposal_sources_proposal_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["support_conversations.id"],
            name="fk_support_proposal_sources_conversation_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_support_proposal_sources_conversation_id", "support_proposal_sources", ["conversation_id"])
    conversations = sa.table("support_conversations", sa.column("id", sa.String))
    for proposal, places in held.items():
        chats = [chat for chat, _ in places]
        there = set(connection.scalars(sa.select(conversations.c.id).where(conversations.c.id.in_(chats))))
        rows = [
            {"proposal_id": proposal, "position": at, "conversation_id": chat, "number": number}
            for at, (chat, number) in enumerate(places)
            if chat in there
        ]
        if rows:
            op.bulk_insert(sources, rows)


def downgrade() -> None:
    """Move them back."""
    connection = op.get_bind()
    names = ("proposal_id", "position", "conversation_id", "number")
    sources = sa.table("support_proposal_sources", *map(sa.column, names))
    held: dict[str, list[list[object]]] = {}
    for row in connection.execute(sa.select(sources).order_by(sources.c.proposal_id, sources.c.position)):
        held.setdefault(row.proposal_id, []).append([row.conversation_id, row.number])
    op.drop_table("support_proposal_sources")
    with op.batch_alter_table("support_proposals") as proposals:
        proposals.add_column(sa.Column("sources", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    with op.batch_alter_table("support_proposals") as proposals:
        proposals.alter_column("sources", existing_type=sa.JSON(), server_default=None)
    for proposal, places in held.items():
        op.execute(sa.update(_PROPOSALS).where(_PROPOSALS.c.id == proposal).values(sources=places))
