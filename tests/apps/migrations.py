"""What holds for the tables of every app: they are what its models say, and every version can be undone."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from core.app import App
from core.database import Base, Database
from core.migrations.runner import histories, upgrade


def own_tables(database: Database, prefix: str) -> set[str]:
    """The app's tables that are there. prefix: of their names"""
    return {name for name in inspect(database.engine).get_table_names() if name.startswith(prefix)}


def differences(database: Database, app: App, prefix: str) -> list[object]:
    """What tells the made tables from the app's models."""
    upgrade(database, [app])
    wanted = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        if table.name.startswith(prefix):
            table.to_metadata(wanted)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or str(name).startswith(prefix),
            },
        )
        found: list[object] = list(compare_metadata(context, wanted))
    return found


def undone(database: Database, app: App, prefix: str) -> set[str]:
    """Make the tables and undo every version. returns: what is left"""
    upgrade(database, [app])
    [history] = [one for one in histories([app]) if one.name == app.name]
    config = history.config()
    with database.engine.begin() as config.attributes["connection"]:
        command.downgrade(config, "base")
    return own_tables(database, prefix)
