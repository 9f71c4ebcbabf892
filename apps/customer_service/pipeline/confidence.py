"""How sure the desk is: is the question answered here at all, and does the best hit answer it? Reads no texts.

Both are calibrated probabilities, logistic regressions over a search's evidence. The shipped ones were fitted on the
sample desk's tuning questions by `trivium support calibrate`; their file says on how many.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from math import exp

from core.retrieval.documents import Hit

FEATURES = ("closest", "passage", "sentence", "alias", "coverage", "gap", "gap_coverage", "margin")
NO_GAP = -0.3  # how much nearer the nearest known gap is, where none is in sight
ONLY_ONE = 5.0  # the lead of a best document that has no rival, in standard deviations


@dataclass(frozen=True)
class Evidence:
    """What a search found, best first. gaps: the nearest questions that are known to have no answer here"""

    hits: Sequence[Hit]
    gaps: Sequence[Hit] = ()

    def features(self) -> tuple[float, ...]:
        """The evidence for the best hit, in the order of FEATURES. There must be a hit."""
        best = self.hits[0]
        signals = best.signals
        sentence = max(signals.sentences, default=signals.passage)
        rival = next((hit for hit in self.hits if hit.document != best.document), None)
        gap = max((hit.signals.closest for hit in self.gaps), default=-1.0)
        return (
            signals.closest,
            signals.passage,
            sentence,
            signals.alias if signals.alias > -1 else sentence,
            signals.coverage,
            max(gap - signals.closest, NO_GAP),
            self.gaps[0].signals.coverage if self.gaps else 0.0,
            min(best.score - rival.score, ONLY_ONE) if rival else ONLY_ONE,
        )


@dataclass(frozen=True)
class Logistic:
    """weights: one for each of FEATURES"""

    weights: tuple[float, ...]
    bias: float

    def probability(self, evidence: Evidence) -> float:
        """returns: in [0, 1]; 0 without hits"""
        if not evidence.hits:
            return 0.0
        score = self.bias + sum(w * x for w, x in zip(self.weights, evidence.features(), strict=True))
        return 1 / (1 + exp(-score))


@dataclass(frozen=True)
class Calibration:
    """answered: is there an answer in this base?  right: is the best hit's document one?

    refuse_below: threshold on `answered`;  answer_above: threshold on `right`;  questions: how many it was fitted on
    """

    answered: Logistic
    right: Logistic
    refuse_below: float
    answer_above: float
    questions: int

    def to_json(self) -> str:
        """As it is shipped."""
        return json.dumps({"features": FEATURES, **asdict(self)}, indent=1) + "\n"


def shipped() -> Calibration:
    """The calibration that comes with the app."""
    held = json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8"))
    answered, right = (Logistic(tuple(held[part]["weights"]), held[part]["bias"]) for part in ("answered", "right"))
    return Calibration(answered, right, held["refuse_below"], held["answer_above"], held["questions"])


def in_words(probability: float) -> str:
    """Confidence as a person says it.

    >>> in_words(0.81)
    'fairly sure'
    """
    for least, words in ((0.9, "sure"), (0.7, "fairly sure"), (0.5, "rather unsure"), (0.0, "not sure")):
        if probability >= least:
            return words
    return "not sure"
