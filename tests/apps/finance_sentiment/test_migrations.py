"""The monitor's tables are what its models say, and every version can be undone."""

from apps.finance_sentiment.app import app
from apps.finance_sentiment.store import entity_tables  # noqa: F401  brings its tables into the metadata
from core.database import Database
from core.migrations.runner import upgrade
from tests.apps.migrations import differences, own_tables, undone

PREFIX = "finance_"


def test_models_and_tables_agree(empty_database: Database):
    assert differences(empty_database, app, PREFIX) == []


def test_the_tables_can_be_undone_and_made_again(empty_database: Database):
    assert undone(empty_database, app, PREFIX) == set()
    assert len(upgrade(empty_database, [app])) > 0
    assert own_tables(empty_database, PREFIX) >= {"finance_entities", "finance_entity_state"}
