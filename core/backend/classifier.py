"""A trained version of labels, opened: rows in, labels with calibrated confidence out. Without torch on a CPU."""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.backend.checkpoint import Checkpoint, read_checkpoint
from core.backend.encoder import Encoder, Floats, forget
from core.backend.head import ABOUT, Head, load_head, marked
from core.backend.merging import merged
from core.backend.open import open_encoder
from core.backend.queue import EncoderQueue
from core.backend.registry import Version
from core.backend.value_head import ABOUT as VALUE_HEAD
from core.errors import Invalid, Misconfigured
from core.outcomes import Asked, Labelled, Prediction
from core.settings import Settings

ENCODER, ADAPTER = "encoder", "adapter"
GIVES_NUMBERS = "it gives numbers, so ask it at /v1/regress or with `trivium predict`, or name another model"


class WrongBackbone(Misconfigured):
    """The version was trained on another backbone than is in use."""

    def __init__(self, ref: str, base: str) -> None:
        super().__init__(
            f"model {ref} was trained on the backbone {base!r}, which is not the one in use",
            remedy="set TRIVIUM_MODEL to that backbone, or train the model again",
        )


class GivesNoLabels(Invalid):
    """A model that was not trained to tell labels apart."""

    def __init__(self, ref: str, remedy: str = "name a model that `trivium train` made for a task of labels") -> None:
        super().__init__(f"model {ref} gives no labels", remedy=remedy)


def _nothing() -> None:
    """The encoder is somebody else's to close."""


class Opened:
    """What all trained versions have in common, whatever their head says: how they read. Give back with `close`."""

    def __init__(self, version: Version, encoder: Encoder, closing: Callable[[], None] = _nothing) -> None:
        self.ref = version.ref
        self.task = version.card.task
        self._encoder = encoder
        self._closing = closing

    def encode(self, rows: Sequence[Asked]) -> Floats:
        """returns: (n, d), unit rows"""
        return self._encoder.encode(marked(rows))

    def count_tokens(self, rows: Sequence[Asked]) -> list[int]:
        """Tokens that each row costs, after cutting."""
        return self._encoder.count_tokens(marked(rows))

    def forget(self) -> None:
        """Drop the texts that its encoder remembers."""
        forget(self._encoder)

    def close(self) -> None:
        """Stop the encoder, where it is the version's own."""
        self._closing()


class Classifier(Opened):
    """Open with `open_classifier`, or with `beside` over an encoder that is open."""

    def __init__(self, version: Version, encoder: Encoder, head: Head, closing: Callable[[], None] = _nothing) -> None:
        super().__init__(version, encoder, closing)
        self.head = head

    def predict(self, rows: Sequence[Labelled]) -> list[Prediction]:
        """One prediction a row, in order; the rows' own labels are not looked at."""
        return self.head.read(self.encode(rows))


def open_classifier(version: Version, base: Checkpoint, settings: Settings) -> Classifier:
    """base: the backbone in use

    raises: WrongBackbone when the version needs another one, GivesNoLabels, Misconfigured when its head does not fit
    """
    head = head_of(version)
    encoder = open_own_encoder(version, base, settings)
    return Classifier(version, encoder, head, encoder.close)


def beside(version: Version, encoder: Encoder) -> Classifier | None:
    """A classifier that reads with an encoder that is open already and stays the caller's to close.

    returns: None when the version needs another encoder
    raises: GivesNoLabels, Misconfigured when its head does not fit
    """
    return Classifier(version, encoder, head_of(version)) if can_share(version, encoder) else None


def can_share(version: Version, encoder: Encoder) -> bool:
    """Whether a version's head was trained on that very encoder."""
    own = (version.path / ENCODER).is_dir() or (version.path / ADAPTER).is_dir()
    return not own and version.card.base.fingerprint == encoder.fingerprint


def open_own_encoder(version: Version, base: Checkpoint, settings: Settings) -> EncoderQueue:
    """raises: WrongBackbone when the version needs another base"""
    backbone = backbone_of(version, base, settings.home)
    # A head alone reads what the server's encoder gives it, in the server's precision, so that both say the same.
    return open_encoder(settings if backbone is base else _exactly(settings), backbone)


def head_of(version: Version) -> Head:
    """raises: GivesNoLabels, Misconfigured when the head cannot be read"""
    if not (version.path / ABOUT).is_file():
        if (version.path / VALUE_HEAD).is_file():
            raise GivesNoLabels(version.ref, GIVES_NUMBERS)
        if not (version.path / ENCODER).is_dir():
            raise GivesNoLabels(version.ref)
        export = f"`trivium models export {version.ref} DIR`"
        raise GivesNoLabels(
            version.ref, f"use it as an encoder ({export}, then TRIVIUM_MODEL=DIR/{ENCODER}), or name another model"
        )
    return load_head(version.path)


def backbone_of(version: Version, base: Checkpoint, home: Path) -> Checkpoint:
    """The encoder under a version's head: its own, the base with its adapter merged in, or the base itself.

    raises: WrongBackbone
    """
    if (version.path / ENCODER).is_dir():
        return read_checkpoint(version.name, version.path / ENCODER, home)
    if version.card.base.fingerprint != base.fingerprint:
        raise WrongBackbone(version.ref, version.card.base.name)
    if (version.path / ADAPTER).is_dir():
        return read_checkpoint(version.name, merged(base, version.path / ADAPTER, home), home)
    return base


def _exactly(settings: Settings) -> Settings:
    """`auto` takes bf16 for trained models: int8 is chosen with the eyes open, since labels at the edge may flip."""
    if settings.precision != "auto":
        return settings
    return settings.model_copy(update={"precision": "float"})
