"""Audience and validity: what a customer may not see never reaches one, whatever the client sends."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline import visibility
from apps.customer_service.pipeline.asking import ask, find, weigh
from apps.customer_service.pipeline.calibrating import keep
from apps.customer_service.pipeline.knowledge import change, import_paths, import_rows, import_upload
from apps.customer_service.pipeline.replying import answer_from
from apps.customer_service.schemas.asking import AskQuery, Suggestion, Turn
from apps.customer_service.schemas.knowledge import DocumentChange
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.errors import Invalid
from core.migrations import upgrade
from core.retrieval.collections import Collection
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.customer_service.test_asking import certain

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)  # where FixedClock stands
SECRET = "Agents may waive the wax fee up to £50."
ROWS = [
    {"id": "open", "question": "What is the wax fee?", "answer": "The wax fee is £9."},
    {"id": "secret", "question": "When may the wax fee be waived?", "answer": SECRET, "audience": "internal"},
    {"id": "old", "question": "What was the wax fee?", "answer": "The wax fee was £5.", "valid_until": "2025-12-31"},
    {"id": "new", "question": "What will the wax fee be?", "answer": "It will be £12.", "valid_from": "2026-02-01"},
]
HIDDEN = {"secret", "old", "new"}


@pytest.fixture
def desk(services: Services) -> Collection:
    collection = services.collections.ensure("support")
    import_rows(ROWS, collection)
    return collection


def seen(desk: Collection, **wanted: object) -> set[str]:
    return {hit.document for hit in find(desk, "wax fee", (), 10, **wanted)}  # type: ignore[arg-type]


def test_a_customer_finds_only_what_is_public_and_valid(desk: Collection):
    assert seen(desk) == {"open"}
    assert {hit.document for hit in weigh(desk, SECRET, ()).hits} == {"open"}


def test_an_agent_finds_what_is_internal_too_but_nothing_that_is_not_valid(desk: Collection):
    assert seen(desk, audience="internal") == {"open", "secret"}


def test_a_document_appears_and_expires_by_the_clock(desk: Collection, clock: FixedClock):
    clock.now = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert seen(desk) == {"open", "old"}  # the last day counts to its last second
    clock.now = datetime(2026, 2, 1, tzinfo=UTC)
    assert seen(desk) == {"open", "new"}


@pytest.mark.parametrize(
    "where",
    [
        {"audience": "internal"},
        {"field": "audience", "operator": "!=", "value": "public"},
        {"operator": "OR", "conditions": [{"audience": "internal"}, {"field": "x", "operator": "!=", "value": 1}]},
        {"operator": "NOT", "conditions": [{"audience": "public"}]},
        {"field": "valid_until", "operator": "<", "value": "2026-01-01"},
        {"field": "audience", "operator": "in", "value": ["internal", None]},
    ],
)
def test_no_filter_of_a_client_widens_what_it_sees(desk: Collection, where: dict[str, object]):
    assert not seen(desk, where=where) & HIDDEN


def test_a_follow_up_that_quotes_a_secret_still_does_not_find_it(desk: Collection):
    turns = [Turn(role="agent", text=SECRET), Turn(role="user", text="waive the fee")]
    for sure in (certain(0.9, 0.9), certain(0.9, 0.1), certain(0.1, 0.1)):
        keep(desk, sure)
        said = ask(AskQuery(question="and up to how much?", turns=turns), desk, SupportSettings())
        assert not {one.document for one in (*said.citations, *said.suggestions)} & HIDDEN
        assert "£50" not in said.answer


def test_a_citation_comes_from_its_own_document_only(services: Services):
    desk = services.collections.ensure("support")
    public = b"# Wax\n\nThe wax fee is due monthly.\n"
    import_upload("wax.md", public, desk, 10_000)
    import_upload(
        "wax-internal.md", b"---\naudience: internal\n---\n# Wax\n\nThe wax fee may be waived.\n", desk, 10_000
    )
    keep(desk, certain(0.9, 0.9))
    said = ask(AskQuery(question="wax fee waived"), desk, SupportSettings())
    assert {citation.document for citation in said.citations} == {"wax.md"}
    assert "waived" not in said.answer


def test_a_gap_that_is_internal_or_over_does_not_weigh_on_a_customers_question(desk: Collection):
    import_rows([{"id": "gap", "question": "wax fee abroad?", "answer": None, "valid_until": "2025-01-01"}], desk)
    assert weigh(desk, "wax fee abroad?", ()).gaps == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience", "staff"),
        ("audience", True),
        ("valid_from", "next week"),
        ("valid_until", "30.06.2026"),
        ("valid_until", 20260630),
        ("valid_from", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_what_cannot_be_understood_refuses_its_file(services: Services, field: str, value: object):
    with pytest.raises(Invalid, match="request"):
        import_rows([{**ROWS[0], field: value}], services.collections.ensure("support"))


def test_a_document_that_ends_before_it_begins_is_refused(services: Services):
    row = {**ROWS[0], "valid_from": "2026-03-01", "valid_until": "2026-02-01"}
    with pytest.raises(Invalid, match="before it begins"):
        import_rows([row], services.collections.ensure("support"))


def test_a_bad_date_fails_its_own_file_alone(services: Services, tmp_path: Path):
    (tmp_path / "good.md").write_text("---\nvalid_until: 2030-01-01\n---\n# Good\n\nWords.\n")
    (tmp_path / "bad.md").write_text("---\nvalid_until: soon\n---\n# Bad\n\nWords.\n")
    tally = import_paths([tmp_path], services.collections.ensure("support"), 10_000, lambda _: None)
    assert tally.added == ["good.md"]
    assert [source.name for source in tally.failed] == ["bad.md"]


def test_names_of_the_fields_may_be_in_any_case_but_not_twice(services: Services):
    desk = services.collections.ensure("support")
    import_rows([{**ROWS[0], "Audience": " INTERNAL "}], desk)
    assert seen(desk) == set()
    with pytest.raises(Invalid, match="twice"):
        import_rows([{**ROWS[0], "Audience": "public", "audience": "internal"}], desk)


def test_what_was_set_by_hand_holds_through_imports_until_it_is_taken_back(desk: Collection):
    change(desk, "open", DocumentChange(audience="internal"))
    assert seen(desk) == set()
    import_rows([{**ROWS[0], "answer": "The wax fee is £10.", "audience": "public"}], desk)
    assert seen(desk) == set()
    change(desk, "open", DocumentChange(audience=None))
    assert seen(desk) == {"open"}
    [document] = desk.documents(["open"])
    assert document.metadata == {"audience": "public"}


def test_setting_a_date_by_hand_embeds_nothing(desk: Collection, services: Services):
    before = services.encoder.texts_seen  # type: ignore[attr-defined]
    change(desk, "open", DocumentChange(valid_until="2025-06-30"))
    assert services.encoder.texts_seen == before  # type: ignore[attr-defined]
    assert seen(desk) == set()
    [document] = desk.documents(["open"])
    assert document.metadata["valid_until"] == "2025-06-30T23:59:59+00:00"


def test_what_an_import_left_in_no_known_form_is_hidden():
    for metadata in ({"audience": "Internal"}, {"valid_until": "soon"}, {"valid_from": ["2020-01-01"]}):
        assert not visibility.is_seen_by(metadata, "public", NOW)
    assert visibility.is_seen_by({"audience": None}, "public", NOW)


def test_a_key_without_the_agents_scope_sees_nothing_internal(desk: Collection, services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["support:read", "support:write"]) as client:
        for path, body in (
            ("ask", {"question": "wax"}),
            ("search", {"query": "wax"}),
            ("knowledge/try", {"question": "wax"}),
        ):
            assert "secret" not in client.post(f"/v1/support/{path}", json=body).text
            refused = client.post(f"/v1/support/{path}", json={**body, "audience": "internal"})
            assert refused.status_code == 403
        assert [one["key"] for one in client.get("/v1/support/documents").json()["items"]] == ["open"]
        assert client.get("/v1/support/documents?limit=1").json()["next_cursor"] is None
        assert client.get("/v1/support/documents/secret").status_code == 404
        assert client.get("/v1/support/documents/old").status_code == 404
        assert client.patch("/v1/support/documents/secret", json={"audience": "public"}).status_code == 403


def test_an_agents_key_sees_lists_and_changes_it(desk: Collection, services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["support:read", "support:write", "support:agent"]) as client:
        hits = client.post("/v1/support/search", json={"query": "wax", "audience": "internal"}).json()["hits"]
        assert {hit["document"] for hit in hits} == {"open", "secret"}
        assert len(client.get("/v1/support/documents").json()["items"]) == 4
        assert client.get("/v1/support/documents/old").status_code == 200
        done = client.patch("/v1/support/documents/secret", json={"audience": "public"})
        assert done.json()["metadata"]["audience"] == "public"
        assert "secret" in client.post("/v1/support/search", json={"query": "wax"}).text
        assert client.patch("/v1/support/documents/none", json={}).status_code == 404
        assert client.patch("/v1/support/documents/open", json={"valid_until": "soon"}).status_code == 422
        assert client.patch("/v1/support/documents/open", json={"title": "x"}).status_code == 422


@pytest.mark.parametrize("answer_above", [1e-9, 0.999999])
def test_no_streamed_reply_or_stored_entry_of_a_conversation_brings_what_is_hidden(
    settings: Settings, clock: FixedClock, answer_above: float
):
    thresholds = {"refuse_below": 1e-9, "answer_above": answer_above}
    chosen = settings.model_copy(update={"apps": {"customer_service": thresholds}})
    services = open_services(chosen, encoder=LetterEncoder(), clock=clock)
    try:
        upgrade(services.database, [app])
        import_rows(ROWS, services.collections.ensure("support"))
        with api_client(services, [app], scopes=["support:chat"]) as client:
            begun = client.post("/v1/support/conversations", json={"message": {"text": "May the wax fee be less?"}})
            path = f"/v1/support/conversations/{begun.json()['conversation']['id']}"
            streamed = client.post(
                f"{path}/messages",
                json={"text": f"{SECRET} And what was the fee?"},
                headers={"Accept": "text/event-stream"},
            )
            assert "event: " in streamed.text
            told = begun.text + streamed.text + client.get(f"{path}/entries").text
            assert "wax fee is £9" in told or ROWS[0]["question"] in told
            for hidden in ROWS[1:]:
                assert hidden["question"] not in told
                assert f'"{hidden["id"]}"' not in told
            assert not any(words in told for words in ("wax fee was £5", "It will be £12"))
    finally:
        close_services(services)


def test_a_choice_that_was_offered_is_not_quoted_once_it_is_hidden(desk: Collection):
    offered = Suggestion(document="open", title="What is the wax fee?", heading=[], passage="open", start=0, end=5)
    turns = [Turn(role="user", text="the wax fee?")]
    keep(desk, certain(0.9, 0.9))
    found = answer_from(offered, turns, desk, SupportSettings())
    assert found is not None
    assert "£9" in found.answer
    change(desk, "open", DocumentChange(audience="internal"))
    assert answer_from(offered, turns, desk, SupportSettings()) is None


def test_both_databases_filter_alike(database_url: str, tmp_path: Path, clock: FixedClock):
    services = open_services(
        Settings(home=tmp_path / "h", database_url=database_url), encoder=LetterEncoder(), clock=clock
    )
    try:
        upgrade(services.database, [])
        desk = services.collections.ensure("support")
        import_rows(ROWS, desk)
        assert seen(desk) == {"open"}
        change(desk, "open", DocumentChange(audience="internal"))
        assert seen(desk) == set()
    finally:
        close_services(services)
