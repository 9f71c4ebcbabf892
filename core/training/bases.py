"""What a training begins with: an encoder, a causal language model, or only an architecture. Opens no weights."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.classifier import backbone_of
from core.backend.registry import Registry
from core.errors import Invalid
from core.generation.decoder import Decoder, find_decoder
from core.settings import Settings
from core.tasks import Task
from core.training.recipe import Recipe

# 4 million weights, built as the field builds small ones; an epoch over 196 kB of text takes 40 s of one EPYC core.
ARCHITECTURE: Mapping[str, Any] = {
    "model_type": "llama",
    "vocab_size": 4_096,
    "hidden_size": 256,
    "intermediate_size": 688,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "max_position_embeddings": 1_024,
    "tie_word_embeddings": True,
}
SMALL = 100_000_000  # bytes of weights; below, a model learns in steps ten times as long


class Base(Protocol):
    """What a version's card says of its beginning."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...


@dataclass(frozen=True)
class Blank:
    """A causal language model that knows nothing yet. architecture: as `config.json` of transformers has it"""

    architecture: Mapping[str, Any]

    @property
    def words(self) -> int:
        """How many its tokenizer may know."""
        return int(self.architecture.get("vocab_size", ARCHITECTURE["vocab_size"]))

    @property
    def name(self) -> str:
        """What the card says instead of a base."""
        return f"an untrained {self.architecture['model_type']}"

    @property
    def fingerprint(self) -> str:
        """Names the architecture."""
        return hashlib.sha256(json.dumps(self.architecture, sort_keys=True).encode()).hexdigest()


def open_base(task: Task, asked: str, config: Path | None, settings: Settings) -> Base:
    """What the task's objective trains further.

    asked: a directory, a hub id or NAME@VERSION, "" where the settings decide;  config: of an architecture
    raises: Invalid when the task needs another one; what opening raises
    """
    if config is not None and (task.objective != "text-generation" or asked):
        raise Invalid("--config is for clm without --base", remedy="leave one of them out")
    if task.objective not in ("text-generation", "chat"):
        return open_checkpoint(settings.model_copy(update={"model": asked}) if asked else settings)
    if asked:
        return find_decoder(asked, settings)
    if task.objective == "text-generation":
        return Blank(ARCHITECTURE if config is None else _read(config))
    if settings.decoder:
        return find_decoder(settings.decoder, settings)
    raise Invalid(
        f"{task.name} needs a causal language model to begin with",
        remedy="give --base DIR or NAME@VERSION; `trivium train clm` makes one",
    )


def further(base: Base, task: Task, recipe: Recipe, registry: Registry, home: Path) -> Base:
    """The backbone that already knows the task's trade, where there is one for this base; the base itself otherwise.

    Only for trainings of the whole backbone: adapters and heads stay small, and heads share the server's one encoder.

    raises: DamagedModel, Misconfigured
    """
    if not task.start or recipe.method != "full" or not isinstance(base, Checkpoint):
        return base
    version = registry.open(f"{task.start}@0")
    return backbone_of(version, base, home) if version.card.base.fingerprint == base.fingerprint else base


def suggested(base: Base, method: object) -> dict[str, object]:
    """What of the recipe depends on the base: large weights, and those that know much, take small steps."""
    if isinstance(base, Blank):
        return {"learning_rate": 1e-3, "epochs": 10}
    if not isinstance(base, Decoder):
        return {}
    rate = 2e-4 if method == "lora" else 5e-5
    return {"learning_rate": 10 * rate if base.bytes < SMALL else rate}


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{path.name} cannot be read as JSON", remedy="give a config.json of transformers") from error
    if not isinstance(held, dict) or not isinstance(held.get("model_type"), str):
        raise Invalid(f'{path.name} names no "model_type"', remedy='write one, such as {"model_type": "llama"}')
    words = held.get("vocab_size", 1)
    if not isinstance(words, int) or words < 1:
        raise Invalid(f"{path.name} has a vocab_size of {words!r:.40}", remedy="write how many words it may know")
    return held
