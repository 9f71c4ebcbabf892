"""The encoder that reads messages for what they want: the backbone as `assistant-intents` was trained further."""

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import open_own_encoder
from core.backend.models import open_registry
from core.backend.open import open_encoder
from core.backend.queue import EncoderQueue
from core.settings import Settings

READER = "assistant-intents@0"  # the shipped version, as it was measured; docs/decisions/0010


def open_intent_encoder(settings: Settings) -> EncoderQueue:
    """Give back with `close`. With a backbone of one's own in use, that backbone itself, as in trainings of intents.

    raises: DamagedModel, Misconfigured
    """
    base = open_checkpoint(settings)
    version = open_registry(settings).open(READER)
    if version.card.base.fingerprint != base.fingerprint:
        return open_encoder(settings, base)
    return open_own_encoder(version, base, settings)
