"""Fit the confidence to a knowledge base: with labelled questions, or without any by what strangers would ask."""

import json
import logging
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from apps.customer_service.pipeline.asking import weigh
from apps.customer_service.pipeline.confidence import (
    CALIBRATION,
    FEATURES,
    MOVED,
    OF_GAPS,
    OF_SUBJECTS,
    STRANGERS,
    Calibration,
    Evidence,
    Logistic,
)
from apps.customer_service.pipeline.evaluation import LabelledQuestion, first_is_right
from core.errors import Invalid, TriviumError
from core.retrieval.collections import Collection, Collections
from core.retrieval.documents import UNANSWERED
from core.retrieval.subjects import FIELD as SUBJECT

SHUFFLES = 10  # of the folds: a threshold at the edge of 145 questions moves by .1 between two shuffles
LEAST_SPREAD = 1e-4  # standard deviation; the numbers of unit vectors have about .05
GROWN = 1.25  # times the documents there were: strangers are asked anew
ADAPTS_EVERY_S = 5.0
MOST_PUT_OFF = 12  # looks: a base that changes all the time is adapted once a minute
Rows = np.ndarray[Any, Any]
_log = logging.getLogger(__name__)


def calibrate(
    questions: Sequence[LabelledQuestion],
    collection: Collection,
    most_refused: float | None = 0.035,
    progress: Callable[[int], None] = lambda _: None,
    *,
    without_gaps: bool = False,
) -> Calibration:
    """Fit the confidence to labelled questions, answerable and not, and set the thresholds.

    most_refused: share of the answerable questions that may be handed over (by cross-validated confidence); None: the
        threshold that tells both kinds apart best (highest F1)
    without_gaps: as if the base listed no known gaps; so it is fitted where it lists none
    raises: Invalid with fewer than 20 of either kind
    """
    from sklearn.model_selection import StratifiedKFold

    found, right, is_answerable = [], [], []
    for done, question in enumerate(questions, start=1):
        evidence = weigh(collection, question.text, question.turns)
        if evidence.hits:
            found.append(evidence)
            right.append(first_is_right(question, evidence.hits))
            is_answerable.append(bool(question.documents))
        progress(done)
    y, answerable = np.array(right), np.array(is_answerable, dtype=np.bool_)
    if min(int(answerable.sum()), int((~answerable).sum())) < 20:
        raise Invalid("calibration needs 20 answerable and 20 unanswerable questions", remedy="label some more")
    folds = [StratifiedKFold(10, shuffle=True, random_state=seed) for seed in range(SHUFFLES)]
    has_subjects, has_gaps = collection.fields(SUBJECT, UNANSWERED)
    names: tuple[str, ...] = OF_SUBJECTS if has_subjects else FEATURES
    if without_gaps or not has_gaps:
        names = tuple(name for name in names if name not in OF_GAPS)
    answered, unseen = _fit(found, names, answerable, folds)
    if most_refused is None:
        threshold = max(np.unique(unseen), key=lambda least: _f1(unseen >= least, answerable))
    else:
        threshold = np.quantile(unseen[answerable], most_refused)
    return Calibration(
        answered=answered,
        right=_fit(found, names, y, folds)[0],
        refuse_below=round(float(threshold), 3),
        answer_above=0.5,
        questions=len(y),
        strangers=ask_strangers(collection),
        encoder=collection.home.encoder.fingerprint if answered.turn else "",
    )


def _f1(said: Rows, true: Rows) -> float:
    return 2 * float((said & true).sum()) / max(1.0, float(said.sum() + true.sum()))


def _fit(found: Sequence[Evidence], names: Sequence[str], y: Rows, folds: Sequence[Any]) -> tuple[Logistic, Rows]:
    """names: of the features that are weighed;  y: (n,) bool;  folds: splitters, one a shuffle

    returns: the model; each question's probability when held out, averaged over the shuffles (n,)
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.array([[evidence.features()[name] for name in names] for evidence in found])  # (n, features)
    turns = [evidence.turn for evidence in found if evidence.turn is not None]
    if turns:
        x = np.hstack([x, np.array(turns)])  # (n, features + d)
        # As many numbers as questions: each is scaled, and held short. Of .01, .03 and .1, .03 was best (decision 11).
        scaler, regression = StandardScaler(), LogisticRegression(C=0.03, max_iter=5_000)
    else:
        # Of 1, 3, 10, 30, 100: held out in turn, the tuning questions are told apart best (area under the curve .985).
        scaler = StandardScaler(with_mean=False, with_std=False)
        regression = LogisticRegression(C=10.0, max_iter=2_000)
    model = make_pipeline(scaler, regression)
    each = [cross_val_predict(model, x, y, cv=fold, method="predict_proba")[:, 1] for fold in folds]
    model.fit(x, y)
    spread = scaler.scale_ if scaler.scale_ is not None else np.ones(x.shape[1])
    mean = scaler.mean_ if turns else np.zeros(x.shape[1])
    # A number of a vector that never changes in one precision does in another, and would then outweigh all else.
    weights = np.where(spread > LEAST_SPREAD, regression.coef_[0] / spread, 0.0)  # (features + d,)
    bias = float(regression.intercept_[0] - weights @ mean)
    named = {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=False)}
    turn = tuple(round(float(weight), 3) for weight in weights[len(names) :])
    return Logistic(named, round(bias, 4), turn), np.mean(each, axis=0)


def keep(collection: Collection, calibration: Calibration | None) -> None:
    """Let live answers go by a calibration, in every process. calibration: None for the shipped one again"""
    collection.note(CALIBRATION, calibration.to_json() if calibration else None)


def ask_strangers(collection: Collection) -> dict[str, float]:
    """returns: by name, the median evidence that strangers' questions find; {} in an empty base"""
    questions = files(__package__).joinpath("strangers.txt").read_text(encoding="utf-8").splitlines()
    found = [evidence.features() for text in questions if (evidence := weigh(collection, text, ())).hits]
    return {name: round(float(np.median([features[name] for features in found])), 4) for name in MOVED if found}


def adapt(collection: Collection) -> None:
    """Move the shipped confidence to this base, unless it was done by this model when the base was about as big."""
    documents, encoder = collection.count(), collection.home.encoder.fingerprint
    met = json.loads(collection.notes().get(STRANGERS, "{}"))
    before = met["documents"] if met.get("encoder") == encoder else 0
    if documents and not documents / GROWN <= before <= documents * GROWN:
        medians = ask_strangers(collection)
        if medians:
            told = {"documents": documents, "encoder": encoder, "medians": medians}
            collection.note(STRANGERS, json.dumps(told))


class Adapting:
    """Adapts each base once it has changed, by whatever way, and changes no more: between two looks, or many.

    Of one process, for the scheduler. Where nothing has changed a look is one small query.
    """

    def __init__(self, collections: Collections) -> None:
        self._collections = collections
        self._done: dict[int, int] = {}  # collection → the revision up to which it is adapted
        self._changing: dict[int, tuple[int, int]] = {}  # collection → the revision last seen, looks since the change

    def look(self) -> None:
        """Adapt what has changed and settled."""
        for state in self._collections.states():
            if self._done.get(state.id) == state.revision or state.encoder != self._collections.encoder.fingerprint:
                continue
            revision, looks = self._changing.get(state.id, (-1, 0))
            if state.revision != revision and looks < MOST_PUT_OFF:
                self._changing[state.id] = (state.revision, looks + 1)
                continue
            try:
                adapt(self._collections.get(state.name))
            except TriviumError as error:  # the others must not wait; the next look tries again
                _log.warning("a knowledge base's confidence could not be adapted", extra={"problem": error.kind()})
                continue
            self._done[state.id] = state.revision
            self._changing.pop(state.id, None)
