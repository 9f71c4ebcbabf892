"""How sure the desk is: is the question answered here at all, and does the best hit answer it? Reads no documents.

Both are calibrated probabilities, logistic regressions over a search's evidence. The shipped ones were fitted by
`trivium support calibrate`; their files say on how many questions. A knowledge base is unlike the one they were fitted
on: how near any question comes to it differs. So when it has grown every base is asked what strangers would ask
(strangers.txt), and the evidence is moved by what that finds there and found where the calibration was fitted. A
base with labelled questions has a calibration of its own, kept beside it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from math import exp

import numpy as np

from core.backend.encoder import Floats
from core.retrieval.collections import Collection
from core.retrieval.documents import UNANSWERED, Hit
from core.retrieval.subjects import FIELD as SUBJECT

FEATURES = ("closest", "passage", "sentence", "alias", "coverage", "gap", "gap_share", "gap_coverage", "margin")
OF_SUBJECTS = ("nearest", "alias", "sentence", "coverage", "margin", "subject")
MOVED = FEATURES[:5]  # what differs between bases for the same unanswered question
NO_GAP = -0.3  # how much nearer the nearest known gap is, where none is in sight
NEAREST_GAPS = 3
ONLY_ONE = 5.0  # the lead of a best document that has no rival, in standard deviations
SUBJECTS = "calibration-subjects.json"  # rows name whom or what they are about, conversations are spoken
NO_GAPS = "calibration-no-gaps.json"  # no known gaps are listed, so that finding none says nothing
OF_GAPS = ("gap", "gap_share", "gap_coverage")
CALIBRATION, STRANGERS = "support.calibration", "support.strangers"  # names of notes beside a collection


@dataclass(frozen=True)
class Evidence:
    """What a search found, best first. gaps: the nearest questions that are known to have no answer here

    turn: the vector of the question itself (d,), where the base's rows name their subjects: in a conversation about a
    place, whether its last turn asks for knowledge at all shows in the turn more than in what is found
    """

    hits: Sequence[Hit]
    gaps: Sequence[Hit] = ()
    turn: Floats | None = None

    def features(self) -> dict[str, float]:
        """The evidence for the best hit, by name. There must be a hit."""
        best = self.hits[0]
        signals = best.signals
        sentence = max(signals.sentences, default=signals.passage)
        rival = next((hit for hit in self.hits if hit.document != best.document), None)
        gap = max((hit.signals.closest for hit in self.gaps[:NEAREST_GAPS]), default=-1.0)
        return {
            "closest": signals.closest,
            "passage": signals.passage,
            "sentence": sentence,
            "alias": signals.alias if signals.alias > -1 else sentence,
            "coverage": signals.coverage,
            "gap": max(gap - signals.closest, NO_GAP),
            "gap_share": self._gap_share(),
            "gap_coverage": self.gaps[0].signals.coverage if self.gaps else 0.0,
            "margin": min(best.score - rival.score, ONLY_ONE) if rival else ONLY_ONE,
            "subject": signals.subject,
            "nearest": max(hit.signals.closest for hit in self.hits[:8]),
        }

    def _gap_share(self, most: int = 8) -> float:
        """How many of the closest hits of both kinds are gaps: one of them near may be chance, six are not."""
        closest = [(hit.signals.closest, 0) for hit in self.hits[:most]]
        closest += [(hit.signals.closest, 1) for hit in self.gaps[:most]]
        closest.sort(reverse=True)
        return sum(is_gap for _, is_gap in closest[:most]) / most


@dataclass(frozen=True)
class Logistic:
    """weights: by name of the feature;  turn: for each number of the question's vector (d,), or none"""

    weights: Mapping[str, float]
    bias: float
    turn: tuple[float, ...] = ()

    def probability(self, evidence: Evidence) -> float:
        """returns: in [0, 1]; 0 without hits"""
        if not evidence.hits:
            return 0.0
        features = evidence.features()
        score = self.bias + sum(weight * features[name] for name, weight in self.weights.items())
        if self.turn and evidence.turn is not None:
            score += float(np.dot(self.turn, evidence.turn))
        return 1 / (1 + exp(-score))

    def moved(self, shift: Mapping[str, float]) -> "Logistic":
        """The same for evidence that lies higher by `shift`; never more confident.

        In a small base all lies lower, as there is less to be near to, but its right answers lie no lower: moved up,
        a base of two rows answered "when may we waive the fee?" with the price of a card.
        """
        by = sum(self.weights.get(name, 0.0) * by for name, by in shift.items())
        return replace(self, bias=self.bias - max(0.0, by))


@dataclass(frozen=True)
class Calibration:
    """answered: is there an answer in this base?  right: is the best hit's document one?

    refuse_below: threshold on `answered`;  answer_above: threshold on `right`;  questions: how many it was fitted on
    strangers: the median evidence for strangers' questions where it was fitted
    encoder: the vector space of the weights for a turn; empty without such
    """

    answered: Logistic
    right: Logistic
    refuse_below: float
    answer_above: float
    questions: int
    strangers: Mapping[str, float] = field(default_factory=dict)
    encoder: str = ""

    def answers(self, evidence: Evidence) -> bool:
        """Whether the base has an answer, as far as the threshold says."""
        return self.answered.probability(evidence) >= self.refuse_below

    def to_json(self) -> str:
        """As it is shipped, and as it is kept beside a collection."""
        return json.dumps(asdict(self)) + "\n"

    def moved(self, strangers: Mapping[str, float]) -> "Calibration":
        """The same for another base. strangers: the median evidence for strangers' questions there"""
        shift = {name: strangers[name] - self.strangers[name] for name in MOVED if name in self.strangers}
        return replace(
            self, answered=self.answered.moved(shift), right=self.right.moved(shift), strangers=dict(strangers)
        )


@lru_cache(maxsize=64)
def read_calibration(text: str) -> Calibration:
    """text: from `Calibration.to_json`"""
    held = json.loads(text)
    answered, right = (
        Logistic(held[part]["weights"], held[part]["bias"], tuple(held[part]["turn"])) for part in ("answered", "right")
    )
    return Calibration(**{**held, "answered": answered, "right": right})


@lru_cache(maxsize=2)
def shipped(name: str = "calibration.json") -> Calibration:
    """A calibration that comes with the app. name: the file; SUBJECTS and NO_GAPS are for bases of another kind"""
    return read_calibration(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def calibration_of(collection: Collection) -> Calibration:
    """What live answers go by: the collection's own calibration, else the shipped one for its kind, moved to it.

    One that weighs turns by the vectors of another model is left alone.
    raises: NoSuchCollection
    """
    notes, encoder = collection.notes(), collection.home.encoder.fingerprint
    if CALIBRATION in notes:
        own = read_calibration(notes[CALIBRATION])
        if own.encoder in ("", encoder):
            return own
    has_subjects, has_gaps = collection.fields(SUBJECT, UNANSWERED)
    if has_subjects and shipped(SUBJECTS).encoder == encoder:
        return shipped(SUBJECTS)
    plain = shipped() if has_gaps else shipped(NO_GAPS)
    met = json.loads(notes.get(STRANGERS, "{}"))
    return plain.moved(met["medians"]) if met.get("encoder") == encoder else plain


def in_words(probability: float) -> str:
    """Confidence as a person says it.

    >>> in_words(0.81)
    'fairly sure'
    """
    for least, words in ((0.9, "sure"), (0.7, "fairly sure"), (0.5, "rather unsure"), (0.0, "not sure")):
        if probability >= least:
            return words
    return "not sure"
