"""Whether a passage says what a sentence says. In code, by wording and by facts; no language model is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from core.backend.encoder import Floats
from core.generation import facts
from core.generation.extractive import runs, sayable
from core.retrieval.documents import Passage
from core.retrieval.words import terms_of

MOST_SENTENCES = 3  # of a passage that may stand behind one sentence
ADDS = 0.15  # share of a sentence's words that a further sentence of the passage must add


class Encodes(Protocol):
    """What turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """texts: n;  returns: (n, d), unit rows"""
        ...


class Doubt(StrEnum):
    """Why a sentence is not supported."""

    QUANTITY = "quantity"
    NAME = "name"
    QUOTE = "quote"
    NEGATION = "negation"
    LIMIT = "limit"
    WORDING = "wording"


@dataclass(frozen=True)
class Thresholds:
    """Below these the wording is not close enough. Chosen and measured by `python -m benchmarks.grounding`.

    cosine: of the sentence to the closest of the passage's sentences, alone or two in a row
    coverage: share of its content words that the sentences behind it hold
    """

    cosine: float = 0.35
    coverage: float = 0.75


@dataclass(frozen=True)
class Judgement:
    """doubts: none when it is supported;  spans: (start, end) in the passage's text of what stands behind it"""

    cosine: float
    coverage: float
    doubts: tuple[Doubt, ...]
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def supported(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.doubts


def judge(
    sentence: str, passage: Passage, title: str, encoder: Encodes, thresholds: Thresholds = Thresholds()
) -> Judgement:
    """Compare a sentence with the sentences of one passage.

    A number, a negation or a limit must be stated where the passage speaks of it, a name anywhere in the passage, its
    headings or its document's title. What is aimed at a model supports nothing and stands in no span.
    """
    units = sayable(passage)
    if not units:
        return Judgement(0.0, 0.0, (Doubt.WORDING,))
    spans = list(units.values())
    texts = [passage.text[a:b] for a, b in spans]
    pairs = [passage.text[units[at][0] : units[at + 1][1]] for at in units if at + 1 in units]
    vectors = encoder.encode([sentence, *texts, *pairs])
    cosines = vectors[1:] @ vectors[0]  # (s + s - 1, d) @ (d,)
    behind, coverage = _behind(sentence, texts, cosines[: len(texts)], [title, *passage.heading])
    evidence = [texts[at] for at in behind]
    source, everywhere = "\n".join(evidence), "\n".join([title, *passage.heading, passage.text])
    doubted = {
        Doubt.QUANTITY: bool(facts.invented_quantities(sentence, source)),
        Doubt.NAME: bool(facts.invented_names(sentence, everywhere)),
        Doubt.QUOTE: bool(facts.invented_quotes(sentence, everywhere)),
        Doubt.NEGATION: facts.turned(sentence, evidence),
        Doubt.LIMIT: bool(facts.moved_limits(sentence, source)),
        Doubt.WORDING: float(cosines.max()) < thresholds.cosine or coverage < thresholds.coverage,
    }
    return Judgement(
        cosine=float(cosines.max()),
        coverage=coverage,
        doubts=tuple(doubt for doubt, holds in doubted.items() if holds),
        spans=tuple(runs(spans[behind[0] : behind[-1] + 1], passage.text)),
    )


def _behind(sentence: str, texts: Sequence[str], cosines: Floats, above: Sequence[str]) -> tuple[list[int], float]:
    """The sentences that hold most of its words, nearest first in doubt.

    returns: their places, ascending, and the share of the sentence's content words that they or the titles hold
    """
    wanted = {term for term in terms_of(sentence) if not any(c.isdigit() for c in term)}  # numbers: see facts
    held = [set(terms_of(text)) & wanted for text in texts]
    titles = set(terms_of(" ".join(above))) & wanted
    if not wanted:
        return [int(np.argmax(cosines))], 0.0
    chosen = [max(range(len(texts)), key=lambda at: len(held[at]) / len(wanted) + float(cosines[at]))]
    covered = held[chosen[0]]
    while len(chosen) < min(MOST_SENTENCES, len(texts)):
        at = max(set(range(len(texts))) - set(chosen), key=lambda at: (len(held[at] - covered), float(cosines[at])))
        if len(held[at] - covered) / len(wanted) < ADDS:
            break
        chosen.append(at)
        covered = covered | held[at]
    return sorted(chosen), len(covered | titles) / len(wanted)
