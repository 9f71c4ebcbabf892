"""One customer's data is gone from everywhere: tables, files, memory. Others' stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect
from starlette.testclient import TestClient
from typer.testing import CliRunner

from apps.customer_service.app import app
from apps.customer_service.pipeline.erasing import Eraser, Forgetting
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.erasure import Erasures
from core.app import Services
from core.cli import build_cli
from core.database import Base, Database
from core.idempotency.answers import Answers
from core.language import language_of
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder

PLANTED = "zanzibar-quokka-77"
ROWS = [{"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."}]


class Remembering(LetterEncoder):
    """Remembers texts, as the real queue does."""

    def __init__(self) -> None:
        super().__init__()
        self.remembered: set[str] = set()

    def encode(self, texts: Any) -> Any:
        self.remembered.update(texts)
        return super().encode(texts)

    def forget(self) -> None:
        self.remembered.clear()


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    url = f"sqlite:///{settings.home / 'trivium.db'}" if database_url.startswith("sqlite") else database_url
    chosen = settings.model_copy(update={"database_url": url})
    services = open_services(chosen, encoder=Remembering(), clock=clock)
    upgrade(services.database, [app])
    import_rows(ROWS, services.collections.ensure("support"))
    yield services
    close_services(services)


def files_with(home: Path, words: str) -> list[str]:
    found = [path for path in home.rglob("*") if path.is_file() and words.encode() in path.read_bytes()]
    return sorted(path.name for path in found)


def tell_secrets(client: TestClient, customer: str, words: str, n: int) -> str:
    """A conversation with these words in every place that a customer or a channel can fill."""
    begun = client.post(
        "/v1/support/conversations",
        json={
            "customer": customer,
            "metadata": {"page": words},
            "message": {"text": f"What does a new card cost? {words} {n}", "client_id": f"{words}-{n}"},
        },
        headers={"Idempotency-Key": f"begin-{len(customer)}-{n}"},
    )
    assert begun.status_code == 201, begun.text
    chat = str(begun.json()["conversation"]["id"])
    at = f"/v1/support/conversations/{chat}"
    assert client.post(f"{at}/messages", json={"text": f"{words} again, {'and so on ' * 90}"}).status_code == 201
    assert client.post(f"{at}/entries/2/feedback", json={"thumb": "down", "comment": words}).status_code == 204
    assert client.post(f"{at}/rating", json={"score": 1, "comment": words}).status_code == 200
    return chat


def test_nothing_of_an_erased_customer_is_left_in_any_file(house: Services):
    home = house.settings.home
    with api_client(house, [app]) as client:
        for n in range(12):  # two customers' rows lie in the same pages
            tell_secrets(client, f"customer {PLANTED}", PLANTED, n)
            kept = tell_secrets(client, "somebody else", "innocent-heron-12", n)
        if house.database.is_sqlite:
            assert files_with(home, PLANTED), "the words must be there before, or their absence proves nothing"
        erased = client.delete(f"/v1/support/customers/customer {PLANTED}")
        assert erased.status_code == 200, erased.text
        assert erased.json()["conversations"] == 12
        assert erased.json()["answers"] == 12
        assert erased.json()["entries"] > 24
        assert files_with(home, PLANTED) == []
        assert client.get("/v1/support/conversations", params={"text": PLANTED}).json()["items"] == []
        assert client.get(f"/v1/support/conversations/{kept}/entries").json()["last_number"] > 1
        assert client.delete(f"/v1/support/customers/customer {PLANTED}").json()["conversations"] == 0
    assert files_with(home, PLANTED) == []


def test_no_table_of_any_database_holds_the_words(house: Services):
    with api_client(house, [app]) as client:
        tell_secrets(client, f"customer {PLANTED}", PLANTED, 1)
        before = rows_with(house.database, PLANTED)
        client.delete(f"/v1/support/customers/customer {PLANTED}")
    assert {"support_conversations", "support_entries", "support_feedback", "idempotency_keys"} <= before
    assert rows_with(house.database, PLANTED) == set()


def rows_with(database: Database, words: str) -> set[str]:
    """Names of tables in which the words stand anywhere."""
    found = set()
    with database.reading() as connection:
        for table in Base.metadata.tables.values():
            if inspect(database.engine).has_table(table.name):
                rows = connection.execute(table.select()).all()
                found |= {table.name} if any(words in str(row) for row in rows) else set()
    return found


def test_the_process_that_erases_forgets_at_once_and_others_when_they_look(house: Services, clock: FixedClock):
    mine = house.encoder
    assert isinstance(mine, Remembering)
    theirs = Remembering()
    trained = Remembering()  # stands for the trained models, some of which read what customers wrote
    other = Forgetting(Erasures(house.database, clock), [theirs])
    with api_client(replace(house, classifiers=trained), [app]) as client:  # type: ignore[arg-type]
        tell_secrets(client, "ann", PLANTED, 1)
        theirs.encode([PLANTED])
        assert language_of.cache_info().currsize
        trained.encode([PLANTED])
        other.look()
        assert theirs.remembered, "nobody was erased so far"
        assert any(PLANTED in text for text in mine.remembered)
        client.delete("/v1/support/customers/ann")
        assert mine.remembered == trained.remembered == set()
        assert language_of.cache_info().currsize == 0
        language_of(PLANTED)
        other.look()
        assert theirs.remembered == set()
        assert language_of.cache_info().currsize == 0
        theirs.encode(["new"])
        other.look()
        assert theirs.remembered == {"new"}


def test_what_has_not_changed_for_long_is_deleted(house: Services, clock: FixedClock):
    erasures, answers = Erasures(house.database, clock), Answers(house.database, clock)
    eraser = Eraser(erasures, answers, [house.encoder], clock)
    with api_client(house, [app]) as client:
        old = tell_secrets(client, "ann", PLANTED, 1)
        clock.advance(days=20)
        new = tell_secrets(client, "ann", "still-of-use", 2)
        clock.advance(days=11)
        assert eraser.erase_old(days=30) == 1
        assert client.get(f"/v1/support/conversations/{old}").status_code == 404
        assert client.get(f"/v1/support/conversations/{new}").status_code == 200
        assert eraser.erase_old(days=30) == 0


def test_the_setting_has_a_job_and_without_it_there_is_none(house: Services, clock: FixedClock):
    def jobs(**own: int) -> list[str]:
        with_it = house.settings.model_copy(update={"apps": {"customer_service": own}})
        services = open_services(with_it, encoder=LetterEncoder(), clock=clock)
        app.router(services)
        try:
            return services.scheduler.run_once(clock())
        finally:
            close_services(services)

    assert "customer_service.delete-old" not in jobs()
    assert "customer_service.delete-old" in jobs(retention_days=30)
    assert "customer_service.forget-erased" in jobs()


def test_only_agents_keys_erase(house: Services):
    with api_client(house, [app], scopes=["support:chat"]) as client:
        assert client.delete("/v1/support/customers/ann").status_code == 403


def test_the_command_erases_too(settings: Settings, clock: FixedClock, tmp_path: Path):
    services = open_services(Settings(), encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    conversations = Conversations(services.database, clock)
    chat = conversations.begin(customer="ann", collection="support", channel="web", language="en", meta={})
    with conversations.change(chat) as change:
        change.append(NewEntry("message", "customer", f"I live at {PLANTED}."))
    close_services(services)
    assert files_with(services.settings.home, PLANTED)
    done = CliRunner().invoke(build_cli()[0], ["support", "erase", "ann", "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    assert '"conversations": 1, "entries": 1' in done.output
    assert files_with(services.settings.home, PLANTED) == []


def test_whatever_hangs_on_a_conversation_goes_with_it(house: Services):
    """For whoever adds a table: a `support_…` table with a conversation's id needs a foreign key that cascades.

    Proposals do not: what is published stays, masked, and `forget_conversations` deletes the rest.
    """
    tables = {name for name in Base.metadata.tables if name.startswith("support_")} - {"support_proposals"}
    checked = set()
    for name in tables - {"support_conversations"}:
        columns = {column.name for column in Base.metadata.tables[name].columns}
        for column in sorted(c for c in columns if "conversation" in c or c in {"chat", "chat_id"}):
            if column.endswith("s"):  # a count, such as of erasures
                continue
            keys = inspect(house.database.engine).get_foreign_keys(name)
            goes = [
                key
                for key in keys
                if column in key["constrained_columns"]
                and key["referred_table"] in {"support_conversations", "support_entries"}
                and key["options"].get("ondelete") == "CASCADE"
            ]
            assert goes, f"{name}.{column} has no foreign key with ON DELETE CASCADE in the database"
            checked.add(name)
    assert {"support_entries", "support_feedback"} <= checked
