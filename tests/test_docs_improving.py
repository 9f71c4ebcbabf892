"""The guide to improving does what is written there, with real weights."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from apps.customer_service.schemas.insights import FigureName
from apps.customer_service.store.conversations import Conversations, NewEntry
from core.clock import system_clock
from core.database import Database
from tests.apps.customer_service.real_servers import town

GUIDE = (Path(__file__).parents[1] / "docs" / "guides" / "improving.md").read_text(encoding="utf-8")


def test_the_guide_defines_every_figure():
    for name in FigureName.__args__:
        assert f"| `{name}` |" in GUIDE


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_guides_requests_work_from_the_first_to_the_last(warm_home: Path, tmp_path: Path):
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("curl")]
    assert len(lines) == 6
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
        for line in lines:
            done = subprocess.run(
                ["bash", "-c", f"{line} -w '\\n%{{http_code}}'"],
                env={**os.environ, **names},
                capture_output=True,
                text=True,
            )
            body, _, status = done.stdout.rpartition("\n")
            assert status in {"200", "201"}, (line, done.stdout)
            said.append(json.loads(body))
            if said[-1].get("id"):
                names["PROPOSAL"] = said[-1]["id"]
        asked = {"message": {"text": "Are pets allowed in the shop?"}}
        reply = client.post("/v1/support/conversations", json=asked).json()["exchange"]["reply"]
    assert (said[0]["chats"], [one["id"] for one in said[1]["items"]]) == (1, [chat])
    assert said[2]["clusters"][0]["examples"][0]["conversation"] == chat
    assert said[5]["state"] == "published"
    assert [one["document"] for one in reply["data"]["citations"]] == [said[5]["id"]]
