"""However knowledge changes, the confidence is adapted to it: by a job, once the changes have settled."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from apps.customer_service.app import app
from apps.customer_service.pipeline.calibrating import ADAPTS_EVERY_S, MOST_PUT_OFF, Adapting
from apps.customer_service.pipeline.confidence import NO_GAPS, STRANGERS, calibration_of, shipped
from apps.customer_service.pipeline.knowledge import import_rows
from core.app import Services
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN."},
]


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    chosen = settings.model_copy(update={"database_url": database_url})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    upgrade(services.database, [app])
    yield services
    close_services(services)


@pytest.fixture
def client(house: Services) -> TestClient:
    """The API without its threads: the test does the scheduler's rounds."""
    scopes = ["support:agent", "support:read", "support:write"]
    key = create_key(house.database, "boss", scopes, known_scopes=list(app.scopes), now=house.clock()).key
    return TestClient(create_api([app], house), headers={"Authorization": f"Bearer {key}"})


def adapted_to(services: Services) -> int | None:
    """How many documents the base had when strangers were asked; None where they never were."""
    note = services.collections.get("support").notes().get(STRANGERS)
    return json.loads(note)["documents"] if note else None


def rounds(services: Services, clock: FixedClock, number: int = 2) -> None:
    for _ in range(number):
        clock.advance(seconds=ADAPTS_EVERY_S)
        assert "customer_service.adapt-confidence" in services.scheduler.run_once(clock())


def test_rows_files_sources_and_published_proposals_are_adapted_to(
    house: Services, client: TestClient, clock: FixedClock
):
    assert client.post("/v1/support/documents", json={"documents": ROWS}).status_code == 201
    rounds(house, clock, 1)
    assert adapted_to(house) is None, "it may still be changing"
    rounds(house, clock, 1)
    assert adapted_to(house) == 2
    desk = house.collections.get("support")
    assert calibration_of(desk) != shipped(NO_GAPS)

    file = {"file": ("more.jsonl", b'{"id": "a", "text": "Jam."}\n{"id": "b", "text": "Tea."}')}
    assert client.post("/v1/support/documents/file", files=file).status_code == 201
    rounds(house, clock)
    assert adapted_to(house) == 4

    for n in range(2):
        question = {"question": f"Dogs {n}?", "answer": "Yes.", "collection": "support"}
        made = client.post("/v1/support/proposals", json=question).json()
        published = client.post(f"/v1/support/proposals/{made['id']}/publish", json={"version": made["version"]})
        assert published.status_code == 200
    rounds(house, clock)
    assert adapted_to(house) == 6


def test_a_base_that_changes_all_the_time_is_adapted_all_the_same(house: Services):
    desk, adapting = house.collections.ensure("support"), Adapting(house.collections)
    for n in range(MOST_PUT_OFF):
        import_rows([{"id": f"r{n}", "text": f"row {n}"}], desk)
        adapting.look()
    assert adapted_to(house) is None
    import_rows([{"id": "last", "text": "last row"}], desk)
    adapting.look()
    assert adapted_to(house) == MOST_PUT_OFF + 1


def test_where_nothing_has_changed_a_look_is_one_query_and_embeds_nothing(house: Services):
    import_rows(ROWS, house.collections.ensure("support"))
    adapting = Adapting(house.collections)
    adapting.look()
    adapting.look()
    encoder, asked = house.encoder, []
    assert isinstance(encoder, LetterEncoder)
    seen = encoder.texts_seen

    def listen(*given: Any) -> None:
        asked.append(given[2])  # SQLite's BEGIN is one of them

    event.listen(house.database.engine, "before_cursor_execute", listen)
    adapting.look()
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 1
    assert encoder.texts_seen == seen


def test_a_base_of_another_encoder_is_left_alone(house: Services):
    import_rows(ROWS, house.collections.ensure("support"))
    house.collections.encoder = LetterEncoder("letters-2")
    adapting = Adapting(house.collections)
    adapting.look()
    adapting.look()
    assert adapted_to(house) is None
