"""The whole loop with real weights: a question nobody could answer, a person's answer, and the next customer."""

import json
from pathlib import Path

import pytest

from apps.customer_service.store.conversations import Conversations, NewEntry
from core.clock import system_clock
from core.database import Database
from tests.apps.customer_service.real_servers import town

pytestmark = pytest.mark.integration

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN under Cards."},
    {"id": "parcel", "question": "How long does delivery take?", "answer": "Parcels arrive within three days."},
    {"id": "return", "question": "How do I return shoes?", "answer": "Print a label and bring the parcel to a shop."},
]
ANSWER = "Dogs on a lead are welcome in all our shops."


def test_what_a_person_answered_is_found_by_the_next_question_and_not_after_it_is_taken_back(
    database_url: str, warm_home: Path
):
    with town(database_url, warm_home) as place:
        client = place.start().client

        def ask(text: str) -> dict[str, object]:
            begun = client.post("/v1/support/conversations", json={"message": {"text": text}}).json()
            return dict(begun["exchange"]["reply"]["data"]) | {"chat": begun["conversation"]["id"]}

        assert client.post("/v1/support/documents", json={"documents": ROWS}).status_code == 201
        first = ask("Are dogs allowed inside?")
        assert first["action"] != "answer"
        database = Database(database_url)
        with Conversations(database, system_clock).change(str(first["chat"])) as change:
            number = change.append(NewEntry("message", "agent", ANSWER, author="ada")).number
        database.close()
        gaps = client.get("/v1/support/insights/gaps").json()
        assert (gaps["gaps"], gaps["clusters"][0]["examples"][0]["conversation"]) == (1, first["chat"])
        entry = {"entry": {"conversation": first["chat"], "number": number}}
        made = client.post("/v1/support/proposals", json=entry).json()
        assert (made["question"], made["answer"]) == ("Are dogs allowed inside?", ANSWER)
        live = client.post(f"/v1/support/proposals/{made['id']}/publish", json={"version": made["version"]}).json()
        again = ask("May my dog come in?")
        assert again["action"] == "answer", json.dumps(again)
        assert [one["document"] for one in again["citations"]] == [made["id"]]  # type: ignore[attr-defined]
        assert client.get("/v1/support/insights/gaps").json()["gaps"] == 0
        summary = client.get("/v1/support/insights/summary").json()
        figures = {one["name"]: (one["numerator"], one["denominator"]) for one in summary["figures"]}
        assert (figures["coverage"], figures["handoff"]) == ((1, 2), (1, 2))
        taken_back = client.post(f"/v1/support/proposals/{made['id']}/unpublish", json={"version": live["version"]})
        assert taken_back.status_code == 200
        assert ask("Are dogs allowed inside?")["action"] != "answer"
