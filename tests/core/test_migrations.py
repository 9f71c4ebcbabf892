"""Migrations against real databases: SQLite always, PostgreSQL where there is one."""

import importlib
import importlib.util
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import core.auth.tables
import core.idempotency.answers
import core.retrieval.tables
import core.scheduler  # noqa: F401  each brings its tables into the metadata
from core.app import GROUP, App, installed_apps
from core.database import Base, Database
from core.errors import Misconfigured
from core.migrations.runner import History, histories, pending, upgrade

FIRST = '''
"""Notes."""
import sqlalchemy as sa
from alembic import op
revision = "notes1"
down_revision = None
branch_labels = ("notes",)
depends_on = None
def upgrade():
    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
def downgrade():
    op.drop_table("notes")
'''


def notes_app(folder: Path, **files: str) -> App:
    folder.mkdir(exist_ok=True)
    for name, content in (files or {"first": FIRST}).items():
        (folder / f"{name}.py").write_text(content)
    return App("notes", "Notes", "N", "/v1/notes", "Keeps notes.", router=list, migrations=folder)  # type: ignore[arg-type]


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def import_tables_of_apps() -> None:
    for entry in entry_points(group=GROUP):
        package = entry.module.rpartition(".")[0]
        for room in ("store", "tables"):
            if importlib.util.find_spec(f"{package}.{room}") is not None:
                importlib.import_module(f"{package}.{room}")


def test_the_models_and_the_migrated_tables_agree(empty_database: Database):
    apps, broken = installed_apps()
    assert broken == []
    upgrade(empty_database, apps)
    import_tables_of_apps()
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": History.includes, "compare_type": True, "target_metadata": Base.metadata},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_version_of_every_app_can_be_undone_and_done_again(empty_database: Database):
    apps, _ = installed_apps()
    upgrade(empty_database, [])
    core_alone = tables(empty_database)
    upgrade(empty_database, apps)
    whole = shape(empty_database)
    for history in histories(apps)[1:]:
        config = history.config()
        for version in history.scripts().walk_revisions():
            for step in (command.downgrade, command.upgrade, command.downgrade):
                with changing(empty_database) as config.attributes["connection"]:
                    if step is command.upgrade:
                        step(config, version.revision)
                    else:
                        step(config, str(version.down_revision or "base"))
    left = {name for name in tables(empty_database) if not name.startswith("alembic_version_")}
    assert left == core_alone
    assert len(upgrade(empty_database, apps)) > 0
    assert shape(empty_database) == whole


def shape(database: Database) -> dict[str, object]:
    """Columns, keys and indexes of every table, as the database tells them."""
    seen = inspect(database.engine)
    return {
        name: [
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(name)),
            sorted(
                (str(key["name"]), key["referred_table"], str(key["options"])) for key in seen.get_foreign_keys(name)
            ),
            sorted((str(index["name"]), str(index["column_names"])) for index in seen.get_indexes(name)),
        ]
        for name in seen.get_table_names()
    }


@contextmanager
def changing(database: Database) -> Iterator[Connection]:
    """A transaction in which tables change, with SQLite's foreign keys off, as in the runner."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        with connection.begin():
            yield connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def test_proposals_keep_their_sources_through_the_version_that_moves_them(empty_database: Database):
    apps, _ = installed_apps()
    upgrade(empty_database, apps)
    [history] = [one for one in histories(apps) if one.name == "customer_service"]
    config = history.config()
    chat = dict.fromkeys(("customer", "collection", "channel", "language", "state"), "x")
    at = "'2026-01-01 12:00:00+00:00'"

    def run(*statements: str) -> None:
        with empty_database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    run(
        f"INSERT INTO support_conversations (id, {', '.join(chat)}, version, last_number, skills, priority, created_at,"
        f" updated_at, meta) VALUES ('chat', 'x', 'x', 'x', 'x', 'x', 1, 0, '[]', 0, {at}, {at}, '{{}}')",
        "INSERT INTO support_proposals (id, collection, state, version, question, variants, answer, settled,"
        f" created_at, updated_at) VALUES ('p', 'x', 'draft', 1, 'Dogs?', '[]', '', true, {at}, {at})",
        "INSERT INTO support_proposal_sources VALUES ('p', 0, 'chat', 4), ('p', 1, 'chat', 2)",
    )
    with changing(empty_database) as config.attributes["connection"]:
        command.downgrade(config, "0006")
    with empty_database.engine.connect() as connection:
        held = connection.execute(text("SELECT CAST(sources AS TEXT) FROM support_proposals")).scalar()
    assert json.loads(str(held)) == [["chat", 4], ["chat", 2]]
    run('UPDATE support_proposals SET sources = \'[["chat", 4], ["gone", 1], ["chat", 2]]\'')
    with changing(empty_database) as config.attributes["connection"]:
        command.upgrade(config, "0007")
    with empty_database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT conversation_id, number FROM support_proposal_sources ORDER BY position")
        )
        assert [tuple(row) for row in rows] == [("chat", 4), ("chat", 2)]


def test_what_was_applied_is_no_longer_pending(empty_database: Database, tmp_path: Path):
    app = notes_app(tmp_path / "notes")
    before = pending(empty_database, [app])
    assert before[0] == "core 0001: API keys, answers to idempotent writes, leases, recurring jobs."
    assert before[-1] == "notes notes1: Notes."
    assert upgrade(empty_database, [app]) == before
    assert pending(empty_database, [app]) == []
    assert upgrade(empty_database, [app]) == []
    assert {"api_keys", "notes", "alembic_version", "alembic_version_notes"} <= tables(empty_database)


def test_an_app_that_is_gone_does_not_keep_the_others_from_migrating(empty_database: Database, tmp_path: Path):
    upgrade(empty_database, [notes_app(tmp_path / "notes")])
    assert upgrade(empty_database, []) == []
    assert "notes" in tables(empty_database)


def test_a_migration_that_fails_leaves_everything_as_it_was(empty_database: Database, tmp_path: Path):
    broken = FIRST.replace('op.create_table("notes"', 'op.execute("nonsense"); op.create_table("notes"')
    with pytest.raises(Exception, match="nonsense"):
        upgrade(empty_database, [notes_app(tmp_path / "notes", first=broken)])
    assert tables(empty_database) == set()


def test_tables_from_a_later_version_are_refused_with_a_remedy(database: Database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match=r"revision 9999, which this version does not know: install the version"):
        pending(database, [])
    with pytest.raises(Misconfigured, match="revision 9999"):
        upgrade(database, [])


def test_a_fork_is_refused_before_anything_changes(empty_database: Database, tmp_path: Path):
    second = FIRST.replace("notes1", "notes2").replace('"""Notes."""', '"""More."""').replace('"notes",)', '"more",)')
    with pytest.raises(Misconfigured, match="end in 2 heads: leave one"):
        upgrade(empty_database, [notes_app(tmp_path / "notes", first=FIRST, second=second)])
    assert tables(empty_database) == set()


def test_copying_a_table_on_sqlite_keeps_the_rows_that_refer_to_it(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'trivium.db'}")
    parents = FIRST.replace(
        'op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))',
        """op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table("tags", sa.Column("id", sa.Integer, sa.ForeignKey("notes.id", ondelete="CASCADE")))
    op.execute("INSERT INTO notes (id) VALUES (1)"); op.execute("INSERT INTO tags (id) VALUES (1)")""",
    )
    upgrade(database, [notes_app(tmp_path / "notes", first=parents)])
    copying = (
        FIRST.replace("notes1", "notes2")
        .replace("down_revision = None", 'down_revision = "notes1"')
        .replace('branch_labels = ("notes",)', "branch_labels = None")
        .replace(
            'op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))',
            'with op.batch_alter_table("notes", recreate="always") as b: b.add_column(sa.Column("title", sa.Text))',
        )
    )
    assert len(upgrade(database, [notes_app(tmp_path / "notes", second=copying)])) == 1
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM tags")).scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


UPGRADE = """
import sys
from core.database import Database
from core.migrations import upgrade
database = Database(sys.argv[1])
print(len(upgrade(database, [])))
database.close()
"""


def test_four_processes_that_start_at_once_migrate_once(empty_database_url: str):
    command = [sys.executable, "-c", UPGRADE, empty_database_url]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    applied = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0, 0]
    assert sorted(map(bool, applied)) == [False, False, False, True]


def test_sqlite_is_left_in_wal_mode(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'trivium.db'}")
    upgrade(database, [])
    database.close()
    with sqlite3.connect(tmp_path / "trivium.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
