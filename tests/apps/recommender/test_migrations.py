"""The recommender's tables are what its models say, and every version can be undone."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, inspect

from apps.recommender.app import app
from apps.recommender.store import event_tables, item_tables, visitor_tables  # noqa: F401  brings its tables into the metadata
from core.database import Base, Database
from core.migrations.runner import histories, upgrade


def own_tables(database: Database) -> set[str]:
    return {name for name in inspect(database.engine).get_table_names() if name.startswith("recommend_")}


def test_models_and_tables_agree(empty_database: Database):
    upgrade(empty_database, [app])
    wanted = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.tables.values():
        if table.name.startswith("recommend_"):
            table.to_metadata(wanted)
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or str(name).startswith("recommend_"),
            },
        )
        assert compare_metadata(context, wanted) == []


def test_the_tables_can_be_undone_and_made_again(empty_database: Database):
    upgrade(empty_database, [app])
    [history] = [one for one in histories([app]) if one.name == app.name]
    config = history.config()
    with empty_database.engine.begin() as config.attributes["connection"]:
        command.downgrade(config, "base")
    assert own_tables(empty_database) == set()
    assert len(upgrade(empty_database, [app])) > 0
    assert own_tables(empty_database) >= {"recommend_items", "recommend_events"}
