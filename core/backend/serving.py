"""Trained versions in a running process: opened once, followed when another is promoted, given back at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.backend.checkpoint import open_checkpoint
from core.backend.classifier import Classifier, open_classifier
from core.backend.registry import Registry
from core.clock import system_clock
from core.settings import Settings


@contextmanager
def opened_classifier(ref: str, settings: Settings) -> Iterator[Classifier]:
    """A version for the time of a command.

    raises: NoSuchModel, NoSuchVersion, DamagedModel, HoldsNoLabels, WrongBackbone
    """
    classifier = open_classifier(Registry(settings.home, system_clock).open(ref), open_checkpoint(settings), settings)
    try:
        yield classifier
    finally:
        classifier.close()
