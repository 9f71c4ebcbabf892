"""The guide to the desk's doors does what is written there, from its first line to its last."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.signing import signed_headers
from tests.apps.customer_service.real_servers import town
from tests.guides import blocks, guide, lines, needs_curl, requested, typed

GUIDE = guide("integrations")
ROW = {"id": "fees", "question": "What does it cost to pay in euros?", "answer": "Paying in euros costs £0.30."}


@pytest.mark.integration
@needs_curl
def test_the_guides_commands_and_its_python_work(
    warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", url)
    said: dict[str, str] = {}
    with town(url, warm_home) as houses:
        server = houses.start()
        assert server.client.post("/v1/support/documents", json={"documents": [ROW]}).status_code == 201
        for customer in ("c-1042", "c-1043"):
            body = {"customer": customer, "message": {"text": "Write to ann@example.org."}}
            assert server.client.post("/v1/support/conversations", json=body).status_code == 201
        names = {"API": str(server.client.base_url).rstrip("/"), "KEY": houses.key}
        for line in lines(GUIDE):
            said[line] = typed(line).output if line.startswith("trivium") else requested(line, names)
            if line.startswith("curl -s -X POST") and "/webhooks" in line:
                names["HOOK"] = json.loads(said[line])["id"]
        [code] = blocks(GUIDE, "python")
        exec(code, dict(names))
        [message] = blocks(GUIDE, "json")
        secret = next(
            json.loads(body)["secret"] for line, body in said.items() if "-X POST" in line and "/channels" in line
        )
        headers = signed_headers(secret, "msg_1", datetime.now(UTC), message.strip().encode())
        received = server.client.post("/v1/support/inbound/mail", content=message.strip().encode(), headers=headers)
        assert "£0.30" in received.json()["reply"]
    answers = list(said.values())
    assert len(answers) == 15
    assert "£0.30. [1]" in json.loads(answers[0])["choices"][0]["message"]["content"]
    assert answers[1].rstrip().endswith("data: [DONE]")
    assert "trivium-support/support" in [model["id"] for model in json.loads(answers[2])["data"]]
    assert "ann@example.org" not in answers[3]
    assert len(answers[3].splitlines()) == 2
    assert "ann@example.org" in answers[4]
    assert "ann@example.org" not in (tmp_path / "chats.jsonl").read_text()
    assert "ann@example.org" in (tmp_path / "raw.jsonl").read_text()
    assert json.loads(answers[8])["conversations"] == 1
    assert "1 conversations with" in answers[9]
    printed = capsys.readouterr().out
    assert "£0.30. [1]" in printed
    assert "'document': 'fees'" in printed
