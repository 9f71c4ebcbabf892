"""A trained version, opened as what it is: of labels or of numbers, by the head that lies in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.classifier import (
    ADAPTER,
    ENCODER,
    GIVES_NUMBERS,
    Classifier,
    GivesNoLabels,
    beside,
    can_share,
    open_classifier,
    open_own_encoder,
)
from core.backend.encoder import Encoder
from core.backend.head import ABOUT as LABELS_HEAD
from core.backend.models import open_registry
from core.backend.registry import Version
from core.backend.regressor import GivesNoNumbers, Regressor, gives_numbers
from core.backend.value_head import ABOUT as VALUE_HEAD
from core.backend.value_head import load_value_head
from core.settings import Settings

Trained = Classifier | Regressor


@contextmanager
def opened_model(ref: str, settings: Settings) -> Iterator[Trained]:
    """A version for the time of a command.

    raises: NoSuchModel, NoSuchVersion, DamagedModel, WrongBackbone, GivesNoLabels when it has no head at all
    """
    with opened_version(open_registry(settings).open(ref), settings) as trained:
        yield trained


@contextmanager
def opened_version(version: Version, settings: Settings) -> Iterator[Trained]:
    """The same for a version that the registry has opened, so that its files are checked once."""
    trained = open_trained(version, open_checkpoint(settings), settings)
    try:
        yield trained
    finally:
        trained.close()


def open_trained(version: Version, base: Checkpoint, settings: Settings) -> Trained:
    """A version over an encoder of its own. base: the backbone in use

    raises: WrongBackbone, GivesNoLabels when it has no head at all, Misconfigured when its head does not fit
    """
    if not gives_numbers(version):
        return open_classifier(version, base, settings)
    head = load_value_head(version.path)
    encoder = open_own_encoder(version, base, settings)
    return Regressor(version, encoder, head, encoder.close)


def is_encoder(version: Version) -> bool:
    """Whether it gives vectors only: it was trained to find, or on plain texts."""
    heads = (LABELS_HEAD, VALUE_HEAD)
    encodes = (version.path / ENCODER).is_dir() or (version.path / ADAPTER).is_dir()
    return encodes and not any((version.path / head).is_file() for head in heads)


def beside_trained(version: Version, encoder: Encoder) -> Trained | None:
    """The same over an encoder that is open already and stays the caller's to close.

    returns: None when the version needs another encoder
    """
    if not gives_numbers(version):
        return beside(version, encoder)
    if not can_share(version, encoder):
        return None
    return Regressor(version, encoder, load_value_head(version.path), lambda: None)


def of_labels(trained: Trained) -> Classifier:
    """raises: GivesNoLabels"""
    if isinstance(trained, Regressor):
        raise GivesNoLabels(trained.ref, GIVES_NUMBERS)
    return trained


def of_numbers(trained: Trained) -> Regressor:
    """raises: GivesNoNumbers"""
    if not isinstance(trained, Regressor):
        raise GivesNoNumbers(trained.ref)
    return trained
