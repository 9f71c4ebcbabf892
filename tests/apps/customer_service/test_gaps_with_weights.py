"""Questions that were not answered are grouped by the model that tells wants apart, real weights and all."""

from pathlib import Path

import pytest

from apps.customer_service.app import app
from core.backend.intents import READER
from core.backend.open import open_encoder
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client

ASKED = (
    "Are dogs allowed inside?",
    "May I bring my dog?",
    "Do you gift-wrap parcels?",
    "Can a parcel be gift-wrapped?",
)


@pytest.mark.integration
def test_gaps_are_grouped_by_what_the_shipped_intent_model_reads(warm_home: Path, tmp_path: Path):
    settings = Settings(home=warm_home, precision="float", database_url=f"sqlite:///{tmp_path / 'desk.db'}")
    encoder = open_encoder(settings)
    services = open_services(settings, encoder=encoder)
    try:
        upgrade(services.database, [app])
        services.collections.ensure("support")
        with api_client(services, [app]) as client:
            for text in ASKED:
                body = {"message": {"text": text}}
                assert client.post("/v1/support/conversations", json=body).status_code == 201
            assert services.classifiers.refs() == []
            found = client.get("/v1/support/insights/gaps").json()
        assert services.classifiers.refs() == [READER]
    finally:
        close_services(services)
        encoder.close()
    assert {one["question"] for cluster in found["clusters"] for one in cluster["examples"]} == set(ASKED)
