"""A trained version, opened: rows in, labels with calibrated confidence out. Without torch on a CPU."""

from collections.abc import Sequence
from pathlib import Path

from core.backend.checkpoint import Checkpoint, read_checkpoint
from core.backend.encoder import Floats
from core.backend.head import Head, load_head, marked
from core.backend.merging import merged
from core.backend.open import open_encoder
from core.backend.queue import EncoderQueue
from core.backend.registry import Version
from core.errors import Conflict, Misconfigured
from core.outcomes import Labelled, Prediction
from core.settings import Settings

ENCODER, ADAPTER = "encoder", "adapter"


class WrongBackbone(Misconfigured):
    """The version was trained on another backbone than is in use."""

    def __init__(self, ref: str, base: str) -> None:
        super().__init__(
            f"{ref} was trained on the backbone {base!r}, which is not the one in use",
            remedy="set TRIVIUM_MODEL to that backbone, or train the model again",
        )


class HoldsNoLabels(Conflict):
    """The version is an encoder alone."""

    def __init__(self, version: Version) -> None:
        use = (
            f"export it with `trivium models export {version.ref} DIR` and set TRIVIUM_MODEL to DIR/{ENCODER}"
            if (version.path / ENCODER).is_dir()
            else "train it with `--method full` and set TRIVIUM_MODEL to what `trivium models export` gives"
        )
        super().__init__(
            f"{version.ref} holds no labels, since {version.card.task} trains an encoder alone",
            remedy=f"{use}, or name a model of labels",
        )


class Classifier:
    """Open with `open_classifier`; give back with `close`."""

    def __init__(self, version: Version, encoder: EncoderQueue, head: Head) -> None:
        self.ref = version.ref
        self.task = version.card.task
        self.head = head
        self._encoder = encoder

    def predict(self, rows: Sequence[Labelled]) -> list[Prediction]:
        """One prediction a row, in order; the rows' own labels are not looked at."""
        return self.head.read(self.encode(rows))

    def encode(self, rows: Sequence[Labelled]) -> Floats:
        """returns: (n, d), unit rows"""
        return self._encoder.encode(marked(rows))

    def close(self) -> None:
        """Stop the encoder."""
        self._encoder.close()


def open_classifier(version: Version, base: Checkpoint, settings: Settings) -> Classifier:
    """base: the backbone in use

    raises: HoldsNoLabels, WrongBackbone when the version needs another one, Misconfigured when its head is damaged
    """
    if not version.card.labels:
        raise HoldsNoLabels(version)
    head = load_head(version.path)
    return Classifier(version, open_encoder(_exactly(settings), backbone_of(version, base, settings.home)), head)


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
