"""Warnings: what contradicts itself or stands there twice is named with both places, and few others are."""

from collections.abc import Sequence

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline.knowledge import change, import_rows
from apps.customer_service.pipeline.statements import contradiction, read_statement
from apps.customer_service.pipeline.values import read_values
from apps.customer_service.pipeline.warnings import Watch, about
from apps.customer_service.schemas.knowledge import DocumentChange
from core.app import Services
from core.migrations import upgrade
from core.retrieval.collections import Collection
from core.testing.api import api_client
from core.testing.fakes import FixedClock

FIVE = {"id": "five", "text": "A refund to your card takes 5 days once we have the parcel.", "title": "Refunds"}
TEN = {"id": "ten", "text": "A refund to your card takes 10 days once we have the parcel.", "title": "Refund times"}
TWICE = {
    "id": "twice",
    "text": "A refund to your card takes five days once we have the parcel.",
    "title": "Refunds again",
}


@pytest.fixture
def desk(services: Services) -> Collection:
    return services.collections.ensure("support")


def told(desk: Collection, watch: Watch | None = None) -> list[tuple[str, str, str]]:
    return [(w.kind, w.one.document, w.other.document) for w in (watch or Watch()).warnings(desk)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("within five working days", [("duration/working", 5.0, "<")]),
        ("3 to 5 days", [("duration", 3.0, "")]),
        ("2 weeks", [("duration", 14.0, "")]),
        ("£1,200.50 a month", [("money/month", 1200.5, "")]),
        ("delivery is free", [("money", 0.0, "")]),
        ("feel free to call", []),
        ("from 9 am to 5 pm", [("time", 540.0, ""), ("time", 1020.0, "")]),
        ("until 31 July", [("date", 731.0, "")]),
        ("call 0800 555 0101", [("phone", 8005550101.0, "")]),
        ("after 3 wrong attempts", [("count:attempt", 3.0, "")]),
        ("at least 500 g", [("size/kg", 0.5, ">")]),
        ("one of them", []),
    ],
)
def test_values_are_read_in_one_unit(text: str, values: list[tuple[str, float, str]]):
    assert [(v.kind, pytest.approx(v.low), v.bound) for v in read_values(text)[0]] == values


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("Refunds take 5 days.", "Refunds take 10 days.", "duration"),
        ("Refunds take 5 days.", "Refunds take up to 10 days.", ""),
        ("Refunds take 14 days.", "Refunds take two weeks.", ""),
        ("Refunds by card take 5 days.", "Refunds by bank transfer take 10 days.", ""),
        ("Gift cards can be returned.", "Gift cards can't be returned.", "negation"),
        ("Gift cards can be returned.", "Opened gift cards can't be returned.", ""),
        ("Postage is included.", "Postage is excluded.", "negation"),
        ("Postage is not included.", "Postage is excluded.", ""),
    ],
)
def test_two_statements_contradict_each_other_or_not(one: str, other: str, kind: str):
    assert contradiction(read_statement(one, "Help"), read_statement(other, "Help"), 0.9) == kind


def test_a_contradiction_names_both_places_word_for_word(desk: Collection):
    import_rows([FIVE, TEN], desk)
    [warning] = Watch().warnings(desk)
    assert (warning.kind, warning.about) == ("contradiction", "duration")
    for side in (warning.one, warning.other):
        [document] = desk.documents([side.document])
        assert document.text[side.start : side.end] == side.text


def test_the_same_twice_is_a_duplicate_and_no_contradiction(desk: Collection):
    import_rows([FIVE, TWICE], desk)
    assert told(desk) == [("duplicate", "five", "twice")]


def test_warnings_follow_the_documents_and_nothing_is_embedded_for_them(desk: Collection, services: Services):
    watch = Watch()
    import_rows([FIVE], desk)
    assert told(desk, watch) == []
    import_rows([TEN], desk)
    before = services.encoder.texts_seen  # type: ignore[attr-defined]
    assert told(desk, watch) == [("contradiction", "five", "ten")]
    assert services.encoder.texts_seen == before  # type: ignore[attr-defined]
    import_rows([TWICE], desk)
    assert told(desk, watch) == told(desk)
    desk.remove(["ten"])
    assert told(desk, watch) == told(desk) == [("duplicate", "five", "twice")]


def test_only_what_was_imported_is_told_after_an_import(desk: Collection):
    import_rows(
        [FIVE, TEN, {"id": "hat", "text": "Hats are sold in three sizes in all our shops.", "title": "Hats"}], desk
    )
    assert about(desk, ["hat"]) == []
    assert [warning.kind for warning in about(desk, ["ten"])] == ["contradiction"]


def test_what_is_never_valid_together_or_is_over_does_not_contradict(desk: Collection, clock: FixedClock):
    import_rows([{**FIVE, "valid_until": "2026-06-30"}, {**TEN, "valid_from": "2026-07-01"}], desk)
    assert told(desk) == []
    change(desk, "ten", DocumentChange(valid_from="2026-06-01"))
    assert told(desk) == [("contradiction", "five", "ten")]
    clock.advance(days=365)
    assert told(desk) == []


def test_one_document_does_not_contradict_itself_and_a_known_gap_nobody(desk: Collection):
    import_rows([{"id": "both", "title": "Refunds", "text": f"{FIVE['text']} {TEN['text']}"}], desk)
    import_rows([{"id": "gap", "question": "A refund to your card takes 7 days?", "answer": None}], desk)
    assert told(desk) == []


def keys(items: Sequence[dict[str, str]]) -> list[str]:
    return [item["id"] for item in items]


def test_a_warning_is_put_aside_until_a_statement_changes(desk: Collection, services: Services):
    upgrade(services.database, [app])
    path = "/v1/support/knowledge/warnings"
    with api_client(services, [app], scopes=["support:read", "support:write", "support:agent"]) as client:
        rows = {"documents": [FIVE, TEN]}
        [warning] = client.post("/v1/support/documents", json=rows).json()["warnings"]
        assert keys(client.get(path).json()["items"]) == [warning["id"]]
        assert client.put(f"{path}/{warning['id']}/dismissal").status_code == 204
        assert client.put(f"{path}/{warning['id']}/dismissal").status_code == 204
        assert client.get(path).json()["items"] == []
        assert keys(client.get(path, params={"dismissed": True}).json()["items"]) == [warning["id"]]
        assert client.delete(f"{path}/{warning['id']}/dismissal").status_code == 204
        assert len(client.get(path).json()["items"]) == 1
        client.put(f"{path}/{warning['id']}/dismissal")
        client.post("/v1/support/documents", json={"documents": [{**TEN, "text": TEN["text"].replace("10", "12")}]})
        assert len(client.get(path).json()["items"]) == 1


def test_a_key_that_may_not_see_internal_documents_is_told_no_warnings(services: Services):
    upgrade(services.database, [app])
    with api_client(services, [app], scopes=["support:read", "support:write"]) as client:
        rows = {"documents": [FIVE, {**TEN, "audience": "internal"}]}
        assert client.post("/v1/support/documents", json=rows).json()["warnings"] == []
        assert client.get("/v1/support/knowledge/warnings").status_code == 403
