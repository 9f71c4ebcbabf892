"""The commands of the guide for agents, typed one after the other as they stand there."""

import json

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
from tests.guides import guide, lines, needs_curl, requested
from tests.ui.support_desk import listening


@pytest.mark.integration
@needs_curl
def test_the_guide_works_from_its_first_line_to_its_last(services: Services):
    upgrade(services.database, [app])
    import_rows(
        [{"id": "t", "question": "Where is my parcel?", "answer": "The link shows it."}],
        services.collections.ensure("support"),
    )
    chat = asks(open_team(services.database, SupportSettings(), services.clock), "Where is my parcel?")
    made = create_key(services.database, "t", ["support:agent"], known_scopes=list(app.scopes), now=services.clock())
    written = lines(guide("agents"))
    assert len(written) == 16
    with listening(create_api([app], services)) as api:
        names = {"API": api, "KEY": made.key, "CHAT": chat}
        said = [json.loads(requested(line, names)) for line in written]
    assert [queue["name"] for queue in said[1]["items"]] == ["cards", "everyone"]
    assert said[5]["items"][0]["name"] == "refund-time"
    assert said[7]["chat"]["id"] == chat
    assert said[14]["state"] == "reopened"
    assert [row["label"] for row in said[15]["items"]] == ["tracking"]
