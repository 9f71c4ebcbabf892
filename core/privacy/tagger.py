"""A linear-chain tagger: scores of hashed features, the best sequence by Viterbi. numpy only; weights are read once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from core.errors import Misconfigured
from core.privacy.features import VERSION, Lists, Word, features_of, hashed, words_of
from core.privacy.spans import Span, within

Floats = NDArray[np.float32]
MOST_WORDS = 400  # in one pass; a longer text is read in pieces


@dataclass(frozen=True)
class Tagger:
    """Weights of a linear-chain conditional random field (Lafferty et al., 2001).

    labels: n tags: "O", or "B-" or "I-" with a type;  rows: hash of a feature → its row in `weights`
    weights: (features, n);  steps: (n, n), from the row's tag to the column's;  lists: words known beforehand
    """

    labels: tuple[str, ...]
    rows: Mapping[int, int]
    weights: Floats
    steps: Floats
    lists: Lists

    def find(self, text: str, hints: Sequence[Span] = ()) -> list[Span]:
        """Spans of all types that were trained, ascending, without overlaps. hints: what patterns found"""
        words = words_of(text)
        found: list[Span] = []
        for start in range(0, len(words), MOST_WORDS):
            part = words[start : start + MOST_WORDS]
            told = within(hints, part[0].start, part[-1].end)
            found += spans_of(part, self.tags(features_of(text, part, told, self.lists)))
        return found

    def tags(self, features: Sequence[Sequence[str]]) -> list[str]:
        """The most probable sequence of tags, one a word."""
        if not features:
            return []
        scores = np.stack([self._score(row) for row in features])  # (words, n)
        back = np.zeros(scores.shape, dtype=np.int64)
        best = scores[0]
        for at in range(1, len(scores)):
            through = best[:, None] + self.steps  # (n, 1) + (n, n): from, to
            back[at] = through.argmax(axis=0)
            best = through[back[at], np.arange(len(self.labels))] + scores[at]
        tag = int(best.argmax())
        path = [tag]
        for at in range(len(scores) - 1, 0, -1):
            tag = int(back[at, tag])
            path.append(tag)
        return [self.labels[tag] for tag in reversed(path)]

    def _score(self, features: Sequence[str]) -> Floats:
        held = [row for row in map(self.rows.get, map(hashed, features)) if row is not None]
        return self.weights[held].sum(axis=0, dtype=np.float32)  # type: ignore[no-any-return]


def spans_of(words: Sequence[Word], tags: Sequence[str]) -> list[Span]:
    """What a sequence of tags says. An "I-" that follows nothing of its type begins a span.

    >>> spans_of([Word("Ann", 0, 3), Word("Lee", 4, 7), Word("is", 8, 10)], ["B-PERSON", "I-PERSON", "O"])
    [Span(start=0, end=7, type='PERSON')]
    """
    found: list[Span] = []
    before = "O"
    for word, tag in zip(words, tags, strict=True):
        kind = tag[2:]
        if tag.startswith("I-") and before[2:] == kind:
            found[-1] = Span(found[-1].start, word.end, kind)
        elif tag != "O":
            found.append(Span(word.start, word.end, kind))
        before = tag
    return found


def write_tagger(folder: Path, tagger: Tagger) -> None:
    """Write tagger.safetensors and tagger.json."""
    keys = np.array(sorted(tagger.rows, key=tagger.rows.__getitem__), dtype=np.uint32)
    most = np.abs(tagger.weights).max(axis=1, keepdims=True)  # (features, 1)
    scale = np.where(most > 0, most, 1) / 127  # int8 with a scale a feature: a quarter of the size
    lists = {name: np.array(sorted(getattr(tagger.lists, name)), dtype=np.uint32) for name in Lists.__slots__}
    tensors: dict[str, NDArray[Any]] = {
        "keys": keys,
        "weights": np.rint(tagger.weights / scale).astype(np.int8),
        "scale": scale.astype(np.float16),
        "steps": tagger.steps.astype(np.float32),
        **lists,
    }
    (folder / "tagger.safetensors").write_bytes(save(tensors))
    (folder / "tagger.json").write_text(
        json.dumps({"features": VERSION, "labels": list(tagger.labels)}) + "\n", encoding="utf-8"
    )


def read_tagger(data: bytes, words: str) -> Tagger:
    """data: tagger.safetensors;  words: tagger.json

    raises: Misconfigured when the weights were trained on other features
    """
    known = json.loads(words)
    if known["features"] != VERSION:
        raise Misconfigured(
            f"the tagger's weights are for features {known['features']}, this is {VERSION}", remedy="train it again"
        )
    tensors = load(data)
    return Tagger(
        labels=tuple(known["labels"]),
        rows=dict(zip(tensors["keys"].tolist(), range(len(tensors["keys"])), strict=True)),
        weights=tensors["weights"].astype(np.float32) * tensors["scale"].astype(np.float32),
        steps=tensors["steps"],
        lists=Lists(*(frozenset(tensors[name].tolist()) for name in Lists.__slots__)),
    )


@cache
def shipped() -> Tagger:
    """The tagger that comes with the package; read once."""
    folder = files("core.privacy") / "shipped"
    return read_tagger((folder / "tagger.safetensors").read_bytes(), (folder / "tagger.json").read_text("utf-8"))
