"""The commands of the guide for agents, typed one after the other as they stand there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from apps.customer_service.app import app
from apps.customer_service.pipeline.assigning import open_team
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.auth import create_key
from core.migrations import upgrade
from core.server import create_api
from tests.apps.customer_service.team import asks
from tests.ui.support_desk import listening

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "agents.md"


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_guide_works_from_its_first_line_to_its_last(services: Services):
    upgrade(services.database, [app])
    import_rows(
        [{"id": "t", "question": "Where is my parcel?", "answer": "The link shows it."}],
        services.collections.ensure("support"),
    )
    chat = asks(open_team(services.database, SupportSettings(), services.clock), "Where is my parcel?")
    made = create_key(services.database, "t", ["support:agent"], known_scopes=list(app.scopes), now=services.clock())
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert len(lines) == 16
    said = []
    with listening(create_api([app], services)) as api:
        names = {"API": api, "KEY": made.key, "CHAT": chat}
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
    assert [queue["name"] for queue in said[1]["items"]] == ["cards", "everyone"]
    assert said[5]["items"][0]["name"] == "refund-time"
    assert said[7]["chat"]["id"] == chat
    assert said[14]["state"] == "reopened"
    assert [row["label"] for row in said[15]["items"]] == ["tracking"]
