"""Which words a label stands on: each word is left out in turn, and what the label loses is the word's weight.

Costs one more reading of the text a word, by the classifier's own encoder: no gradients, no torch. How far it agrees
with integrated gradients, `benchmarks/explanations.py` prints.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from core.backend.encoder import Floats
from core.backend.head import Head, entity_place
from core.outcomes import Labelled

TOGETHER = 2_048  # texts that are handed to the encoder at once; a few long texts may exceed it

_WORD = re.compile(r"\w+(?:['\u2019.-]\w+)*")  # don't, 3.5, well-known

Span = tuple[int, int]


class Reader(Protocol):
    """What is explained: a `core.backend.classifier.Classifier`."""

    @property
    def head(self) -> Head: ...

    def encode(self, rows: Sequence[Labelled]) -> Floats: ...

    def count_tokens(self, rows: Sequence[Labelled]) -> list[int]: ...


@dataclass(frozen=True)
class Reason:
    """A word of a text and what it does for the label.

    start, end: in characters of the text
    weight: in [-1, 1], above 0 where the word speaks for the label; without their signs, a text's weights sum to 1, or
        all are 0 where no word matters
    """

    start: int
    end: int
    text: str
    weight: float


def word_spans(row: Labelled, tokens: int) -> list[Span]:
    """The words that can be a reason: those that the model reads, without the entity that the label is about.

    tokens: that the model reads of the row; a word has at least one, so later words are certainly cut off

    >>> word_spans(Labelled("Ford's profit rises", entity="Ford"), tokens=8)
    [(7, 13), (14, 19)]
    """
    place = entity_place(row) or (0, 0)
    found = [match.span() for match, _ in zip(_WORD.finditer(row.text), range(tokens), strict=False)]
    return [(start, end) for start, end in found if end <= place[0] or start >= place[1]]


def tokens_to_read(rows: Sequence[Labelled], tokens: Sequence[int]) -> int:
    """What explaining costs besides predicting, at most. tokens: (n,) of each row, from `count_tokens`"""
    return sum(count * len(word_spans(row, count)) for row, count in zip(rows, tokens, strict=True))


def explain(reader: Reader, rows: Sequence[Labelled]) -> list[tuple[Reason, ...]]:
    """The words of each row in their order, weighed for its most probable label, also where the model then refused.

    raises: QueueFull
    """
    tokens = reader.count_tokens(rows)
    spans = [word_spans(row, count) for row, count in zip(rows, tokens, strict=True)]
    return [reasons for part in _parts(spans) for reasons in _explain(reader, rows[part], spans[part])]


def _parts(spans: Sequence[Sequence[Span]]) -> Iterator[slice]:
    begin, size = 0, 0
    for at, words in enumerate(spans):
        if size and size + len(words) >= TOGETHER:
            yield slice(begin, at)
            begin, size = at, 0
        size += 1 + len(words)
    yield slice(begin, len(spans))


def _explain(reader: Reader, rows: Sequence[Labelled], spans: Sequence[Sequence[Span]]) -> Iterator[tuple[Reason, ...]]:
    asked = [text for row, words in zip(rows, spans, strict=True) for text in (row, *_lacking(row, words))]
    logits = reader.head.logits(reader.encode(asked))  # (n + all words, c)
    at = 0
    for row, words in zip(rows, spans, strict=True):
        whole, without = logits[at], logits[at + 1 : at + 1 + len(words)]  # (c,), (w, c)
        at += 1 + len(words)
        label = int(whole.argmax())
        yield weighed(row.text, words, (whole[label] - without[:, label]).tolist())


def _lacking(row: Labelled, words: Sequence[Span]) -> Iterator[Labelled]:
    for start, end in words:
        yield replace(row, text=row.text[:start] + row.text[end:])


def weighed(text: str, words: Sequence[Span], effects: Sequence[float]) -> tuple[Reason, ...]:
    """Words with their weights, from what each does to the logit.

    >>> [reason.weight for reason in weighed("so good", [(0, 2), (3, 7)], [-1.0, 3.0])]
    [-0.25, 0.75]
    """
    total = float(np.abs(effects).sum()) or 1.0
    return tuple(
        Reason(start, end, text[start:end], effect / total) for (start, end), effect in zip(words, effects, strict=True)
    )
