"""The guide to improving does what is written there, with real weights."""

import json
from pathlib import Path

import pytest

from apps.customer_service.schemas.insights import FigureName
from apps.customer_service.store.conversations import Conversations, NewEntry
from core.clock import system_clock
from core.database import Database
from tests.apps.customer_service.real_servers import town
from tests.guides import guide, lines, needs_curl, requested

GUIDE = guide("improving")


def test_the_guide_defines_every_figure():
    for name in FigureName.__args__:
        assert f"| `{name}` |" in GUIDE


@pytest.mark.integration
@needs_curl
def test_the_guides_requests_work_from_the_first_to_the_last(warm_home: Path, tmp_path: Path):
    written = [line for line in lines(GUIDE) if line.startswith("curl")]
    assert len(written) == 6
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    row = {"id": "fees", "question": "What does it cost to pay in euros?", "answer": "Paying in euros costs £0.30."}
    with town(url, warm_home) as houses:
        client = houses.start().client
        assert client.post("/v1/support/documents", json={"documents": [row]}).status_code == 201
        asked = {"message": {"text": "May I bring my dog into your shop?"}}
        chat = client.post("/v1/support/conversations", json=asked).json()["conversation"]["id"]
        database = Database(url)
        with Conversations(database, system_clock).change(chat) as change:
            number = change.append(NewEntry("message", "agent", "Dogs are welcome.", author="ada")).number
        database.close()
        names = {"API": str(client.base_url).rstrip("/"), "KEY": houses.key, "CHAT": chat, "NUMBER": str(number)}
        said = []
        for line in written:
            said.append(json.loads(requested(line, names)))
            if said[-1].get("id"):
                names["PROPOSAL"] = said[-1]["id"]
        asked = {"message": {"text": "Are pets allowed in the shop?"}}
        reply = client.post("/v1/support/conversations", json=asked).json()["exchange"]["reply"]
    assert (said[0]["chats"], [one["id"] for one in said[1]["items"]]) == (1, [chat])
    assert said[2]["clusters"][0]["examples"][0]["conversation"] == chat
    assert said[5]["state"] == "published"
    assert [one["document"] for one in reply["data"]["citations"]] == [said[5]["id"]]
