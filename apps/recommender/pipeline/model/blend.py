"""Several signals made one: a conditional logit over what each says, fitted on held-out events. Knows no signal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from apps.recommender.pipeline.model.histories import Floats, Histories, Longs

Doubles = NDArray[np.float64]
Scores = Callable[[Histories], Mapping[str, Floats]]
"""Users' histories → what each signal says, (u, n) each."""

DEPTH = 120
"""Items of each signal that are candidates when the blend is fitted."""
STEEPEST = 12.0
"""Standard deviations at which a score is cut."""
EVEN = 0.3
"""Weight of every signal where nothing tells which is better."""
AT_ONCE = 256
"""Users whose scores are held at a time."""


@dataclass(frozen=True)
class Blend:
    """How much each signal counts, and how that changes with the length of a history.

    names: of the f signals;  weights: (f,);  slopes: (f,), added for each unit of log(1 + events) above `middle`
    unseen: what is added to the score of an item that nobody has had yet; see `unseen.welcome`
    """

    names: tuple[str, ...]
    weights: Doubles
    slopes: Doubles
    middle: float
    unseen: float = 0.0

    def score(self, said: Mapping[str, Floats], histories: Histories) -> Floats:
        """said: (u, n) for each name;  returns: (u, n)"""
        total = np.zeros(next(iter(said.values())).shape, dtype=np.float32)
        for name, weights in self.weights_of(histories).items():
            total += weights * leveled(said[name])
        return total

    def weights_of(self, histories: Histories) -> dict[str, Floats]:
        """How much each signal that counts at all counts for each user: (u, 1) each."""
        length = np.log1p(histories.lengths) - self.middle  # (u,)
        return {
            name: (weight + slope * length)[:, None].astype(np.float32)
            for name, weight, slope in zip(self.names, self.weights, self.slopes, strict=True)
            if weight or slope
        }


def leveled(scores: Floats) -> Floats:
    """Scores of a user less their mean, in standard deviations, so that signals are on one scale. (u, n)"""
    middle = scores.mean(1, keepdims=True)
    spread = scores.std(1, keepdims=True)
    out: Floats = np.clip((scores - middle) / np.maximum(spread, 1e-9), -STEEPEST, STEEPEST).astype(np.float32)
    return out


def fit_blend(
    signals: Scores,
    histories: Histories,
    wanted: Sequence[Longs],
    *,
    ridge: float = 1e-3,
    seen: bool = False,
) -> Blend:
    """Weigh signals so that what users wanted next is as likely as can be among the candidates.

    wanted: items of each user, one or more;  ridge: pull of the weights towards 0
    seen: whether what a user had before is a candidate too
    """
    gathered = [_candidates(signals, part, some, seen) for part, some in _parts(histories, wanted)]
    names = gathered[0][0]
    lengths = np.log1p(histories.lengths)
    middle = float(lengths.mean())
    widest = max(part[1].shape[1] for part in gathered)
    features = np.concatenate([_widened(part[1], widest, 0.0) for part in gathered])  # (u, c, f)
    valid = np.concatenate([_widened(part[2], widest, False) for part in gathered])  # (u, c)
    right = np.concatenate([_widened(part[3], widest, 0.0) for part in gathered])  # (u, c), each row sums to 1
    useful = right.any(1)
    if not useful.any():  # a catalogue of an item or two, all of which everybody had
        return Blend(names, np.full(len(names), EVEN), np.zeros(len(names)), middle)
    features, valid, right = features[useful], valid[useful], right[useful]
    slope = (lengths - middle)[useful][:, None]
    f = len(names)

    def loss(x: Doubles) -> tuple[float, Doubles]:
        each = x[:f][None] + slope * x[f:][None]  # (u, f)
        logits = np.einsum("ucf,uf->uc", features, each, optimize=True)
        logits = np.where(valid, logits, -np.inf)
        top = logits.max(1, keepdims=True)
        mass = np.exp(logits - top)
        share = mass / mass.sum(1, keepdims=True)
        norm = top[:, 0] + np.log(mass.sum(1))
        value = float(np.mean(norm - (np.where(valid, logits, 0) * right).sum(1)))
        back = np.einsum("uc,ucf->uf", share - right, features, optimize=True) / max(1, len(features))
        gradient = np.concatenate([back.sum(0), (back * slope).sum(0)])
        return value + ridge * float(x @ x), gradient + 2 * ridge * x

    found = optimize.minimize(loss, np.concatenate([np.full(f, EVEN), np.zeros(f)]), jac=True, method="L-BFGS-B")
    return Blend(names, found.x[:f], found.x[f:], middle)


def _parts(histories: Histories, wanted: Sequence[Longs]) -> list[tuple[Histories, Sequence[Longs]]]:
    places = [
        np.arange(at, min(at + AT_ONCE, len(histories)), dtype=np.int32) for at in range(0, len(histories), AT_ONCE)
    ]
    return [(histories.of_users(some), [wanted[at] for at in some.tolist()]) for some in places]


def _candidates(
    signals: Scores, histories: Histories, wanted: Sequence[Longs], seen: bool
) -> tuple[tuple[str, ...], Floats, NDArray[np.bool_], Floats]:
    """returns: names (f), features (u, c, f), which candidates there are (u, c), and how right each is (u, c)"""
    said = {name: leveled(scores) for name, scores in signals(histories).items()}
    names = tuple(said)
    chosen: list[Longs] = []
    ranked = []
    for scores in said.values():
        if not seen:
            scores[histories.user, histories.item] = -2 * STEEPEST
        depth = min(DEPTH, scores.shape[1] - 1)
        ranked.append(np.argpartition(-scores, depth, axis=1)[:, :depth])
    for row in range(len(wanted)):
        had = set() if seen else set(histories.item[histories.of(row)].tolist())
        # Wanted items that no signal finds are left out: added, they would teach that what scores low is wanted.
        found = np.unique(np.concatenate([part[row] for part in ranked]))
        chosen.append(found[[item not in had for item in found.tolist()]])
    widest = max(len(found) for found in chosen)
    features = np.zeros((len(chosen), widest, len(names)), dtype=np.float32)
    valid = np.zeros((len(chosen), widest), dtype=np.bool_)
    right = np.zeros((len(chosen), widest), dtype=np.float32)
    for row, found in enumerate(chosen):
        valid[row, : len(found)] = True
        hits = np.isin(found, wanted[row])
        right[row, : len(found)] = hits / max(1, hits.sum())
        for place, scores in enumerate(said.values()):
            features[row, : len(found), place] = scores[row, found]
    return names, features, valid, right


def _widened(part: NDArray[np.generic], width: int, value: float | bool) -> NDArray[np.generic]:
    pad = [(0, 0), (0, width - part.shape[1]), *[(0, 0)] * (part.ndim - 2)]
    return np.pad(part, pad, constant_values=value)
