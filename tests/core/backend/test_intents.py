"""What reads messages for their wants in a running process."""

from core.app import Services
from core.backend.intents import lent_intent_reader


def test_a_backbone_of_ones_own_reads_by_itself(services: Services):
    with lent_intent_reader(services.registry, services.classifiers, services.encoder) as reader:
        assert reader is services.encoder
    assert services.classifiers.refs() == []
