"""A decoder of two layers, and small talk for it: trainings that take a second."""

import json
import random
from pathlib import Path

from tests.core.training.tiny import SUBJECTS, sentences, written

ARCHITECTURE = {
    "model_type": "llama",
    "vocab_size": 384,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 128,
    "tie_word_embeddings": True,
}


def architecture(path: Path, **changed: object) -> Path:
    """Write it as `--config` reads it."""
    path.write_text(json.dumps({**ARCHITECTURE, **changed}))
    return path


def texts(path: Path, count: int = 120) -> Path:
    """One text a line."""
    path.write_text("\n".join(sentences(count)) + "\n")
    return path


def talks(path: Path, count: int = 120, seed: int = 1) -> Path:
    """Whoever has lost a thing hears one answer, whoever wants a new one another; a number makes each new."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        verb, answer = chance.choice([("lost", "call us"), ("new", "please")])
        rows.append({"text": f"{number} {chance.choice(SUBJECTS)} {verb}", "reply": answer})
    return written(path, rows)
