"""Find a causal language model's files: a directory's, or a trained version's with its adapters. Opens none."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from core.backend.models import open_registry
from core.backend.registry import Backbone, BadReference, NoSuchModel, Version
from core.errors import Invalid, Misconfigured
from core.settings import Settings

DECODER, ADAPTER = "decoder", "adapter"
WRITES = ("text-generation", "chat")  # the objectives whose versions are causal language models
_DECIDING = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")


@dataclass(frozen=True)
class Decoder:
    """A causal language model as files. path: all weights;  adapters: LoRA of peft's format, merged in this order"""

    name: str
    path: Path
    fingerprint: str
    adapters: tuple[Path, ...] = ()

    @property
    def tokenizer(self) -> Path:
        """The folder of its tokenizer and chat template: of what was trained last."""
        return self.adapters[-1] if self.adapters else self.path

    @property
    def bytes(self) -> int:
        """Size of the weights that lie in `path`."""
        return sum(file.stat().st_size for file in self.path.glob("*.safetensors"))


class WritesNothing(Invalid):
    """A version that is no causal language model."""

    def __init__(self, ref: str) -> None:
        super().__init__(f"model {ref} writes no text", remedy="name one that was trained for clm or dialogue")


class NoBase(Misconfigured):
    """An adapter whose base is not here."""

    def __init__(self, ref: str, base: str) -> None:
        super().__init__(
            f"model {ref} is an adapter of {base!r}, which is not here",
            remedy="set TRIVIUM_DECODER to the directory of that model, or import its version under that name",
        )


def find_decoder(asked: str, settings: Settings) -> Decoder:
    """The model that is meant by a directory, or by NAME or NAME@VERSION of the registry.

    raises: Invalid when it is neither, WritesNothing; Misconfigured when files are missing; what `Registry.open` raises
    """
    if (folder := Path(asked).expanduser()).is_dir():
        return read_decoder(folder.resolve().name, folder)
    try:
        version = open_registry(settings).open(asked)
    except (BadReference, NoSuchModel) as error:
        raise _neither(asked) from error
    return decoder_of(version, settings)


def check_decoder(asked: str, settings: Settings) -> None:
    """Whether `find_decoder` is likely to find it, without reading weights.

    raises: as `find_decoder`, save for damaged files and missing bases
    """
    if (folder := Path(asked).expanduser()).is_dir():
        _check_files(folder)
        return
    try:
        version = open_registry(settings).get(asked)
    except (BadReference, NoSuchModel) as error:
        raise _neither(asked) from error
    if version.card.objective not in WRITES:
        raise WritesNothing(version.ref)


def decoder_of(version: Version, settings: Settings) -> Decoder:
    """The files of a version; of an adapter, above those of its base: another version, or the settings' `decoder`.

    raises: WritesNothing, NoBase when the base is missing or another one
    """
    card = version.card
    if card.objective not in WRITES:
        raise WritesNothing(version.ref)
    if (version.path / DECODER).is_dir():
        return read_decoder(version.ref, version.path / DECODER)
    base = next((found for found in _bases(card.base, settings) if found.fingerprint == card.base.fingerprint), None)
    if base is None:
        raise NoBase(version.ref, card.base.name)
    above = hashlib.sha256(f"{base.fingerprint} {version.fingerprint}".encode()).hexdigest()
    return replace(base, name=version.ref, fingerprint=above, adapters=(*base.adapters, version.path / ADAPTER))


def read_decoder(name: str, path: Path) -> Decoder:
    """The model that lies whole in a directory.

    raises: Misconfigured when files are missing
    """
    weights = _check_files(path)
    digest = hashlib.sha256()
    for file in [*(path / known for known in _DECIDING if (path / known).is_file()), *weights]:
        with file.open("rb") as opened:
            digest.update(f"{file.name} {hashlib.file_digest(opened, 'sha256').hexdigest()}\n".encode())
    return Decoder(name, path, digest.hexdigest())


def _check_files(path: Path) -> list[Path]:
    """returns: the files of the weights. raises: Misconfigured"""
    missing = [file for file in ("config.json", "tokenizer.json") if not (path / file).is_file()]
    weights = sorted(path.glob("*.safetensors"))
    if missing or not weights:
        raise Misconfigured(
            f"the model directory {path} lacks {missing[0] if missing else 'weights as safetensors'}",
            remedy="save the model as safetensors with its tokenizer.json; pickled weights are never opened",
        )
    if (path / "adapter_config.json").is_file():
        raise Misconfigured(f"{path} holds an adapter", remedy="give the directory of a whole model")
    return weights


def _neither(asked: str) -> Invalid:
    return Invalid(
        f"{asked!r:.80} is neither a directory nor a trained model",
        remedy="give the directory of a causal language model, or NAME@VERSION as `trivium models list` shows it",
    )


def _bases(wanted: Backbone, settings: Settings) -> Iterator[Decoder]:
    """What may be an adapter's base: the version that its card names, then the directory that the settings name."""
    registry = open_registry(settings)
    name, _, number = wanted.name.partition("@")
    if name in registry.names() and any(str(version.number) == number for version in registry.versions(name)):
        yield decoder_of(registry.open(wanted.name), settings)
    if settings.decoder:
        yield read_decoder(wanted.name, Path(settings.decoder).expanduser())
