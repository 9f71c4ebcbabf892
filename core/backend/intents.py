"""The encoder that reads messages for what they want: the backbone as `assistant-intents` was trained further."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import Classifier, open_own_encoder
from core.backend.encoder import Encoder, Floats
from core.backend.models import open_registry
from core.backend.open import open_encoder
from core.backend.queue import EncoderQueue
from core.backend.registry import Registry
from core.backend.serving import Classifiers
from core.outcomes import Labelled
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


@dataclass(frozen=True)
class IntentReader:
    """Reads plain messages as a trained version reads its rows."""

    classifier: Classifier

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, d), unit rows"""
        return self.classifier.encode([Labelled(text) for text in texts])


@contextmanager
def lent_intent_reader(
    registry: Registry, classifiers: Classifiers, encoder: Encoder
) -> Iterator[IntentReader | Encoder]:
    """The same in a running process, opened with its trained models when it is first asked for.

    encoder: the process's own, which is lent where it is a backbone of one's own
    raises: what opening raises; StillOpening, Closing
    """
    if registry.get(READER).card.base.fingerprint != encoder.fingerprint:
        yield encoder
        return
    with classifiers.get(READER) as classifier:
        yield IntentReader(classifier)
