"""What Alembic runs for every command: one history, on the connection that the runner opened. Needs no ini file.

Alembic loads this file by its path and calls it "env_py"; imported in any other way it does nothing.
"""

from alembic import context

from core.database import Base
from core.migrations.runner import History


def migrate(history: History) -> None:
    """Bring one history up to date, in the transaction that its connection is in."""
    context.configure(
        connection=context.config.attributes["connection"],
        version_table=history.version_table,
        target_metadata=Base.metadata,
        include_name=history.includes,
        render_as_batch=True,  # SQLite changes a table by copying it
    )
    context.run_migrations()


if __name__ == "env_py":
    migrate(context.config.attributes["history"])
