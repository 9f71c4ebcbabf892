"""The trained network's forward pass over one history, in numpy: a server needs no torch. Learns nothing.

The same numbers as `pipeline.model.network` to a cosine of 0.9999; for one history of 50 events it takes a
fraction of what torch takes to begin with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Floats = NDArray[Any]
"""float32 in, float32 out"""
GAPS = 24  # as in pipeline.model.network


@dataclass(frozen=True)
class Weights:
    """A network as plain arrays. shape: its `Shape` as plain values;  arrays: by the names of its state"""

    shape: Mapping[str, Any]
    arrays: Mapping[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        return self.arrays[name]

    def linear(self, name: str, x: Floats) -> Floats:
        """x: (t, in);  returns: (t, out)"""
        out: Floats = x @ self.arrays[f"{name}.weight"].T + self.arrays[f"{name}.bias"]
        return out

    def norm(self, name: str, x: Floats) -> Floats:
        """Layer norm of rows (t, d)."""
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)
        out: Floats = x * self.arrays[f"{name}.weight"] + self.arrays[f"{name}.bias"]
        return out


def next_vector(weights: Weights, vectors: Floats, pauses: NDArray[np.float64]) -> Floats:
    """What comes next after a history.

    vectors: (t, d), of the items, oldest first, at most `longest`;  pauses: (t,), seconds since the event before
    returns: (d,)
    """
    t, d = vectors.shape
    root = math.sqrt(d)
    x = (vectors * root).astype(np.float32)
    if not weights.shape["relative"]:
        x += weights["position"][:t] * np.float32(root)
    if weights.shape["gaps"]:
        x += weights["gap.weight"][gap_buckets(pauses)] * np.float32(root)
    x = weights.norm("enter", x)
    apart = np.arange(t)[:, None] - np.arange(t)[None, :]  # (t, t), negative above the diagonal
    bias = np.where(apart < 0, np.float32(-1e30), np.float32(0))[None]
    if weights.shape["relative"]:
        bias = np.where(apart < 0, np.float32(-1e30), weights["distance"][:, np.maximum(apart, 0)])  # (h, t, t)
    block = BLOCKS[weights.shape["block"]]
    layers = weights.shape["layers"]
    for layer in range(layers):  # of the last one, only what stands at the end is asked for
        x = block(weights, f"blocks.{layer}", x, bias, t if layer + 1 < layers else 1)
    last: Floats = weights.norm("leave", x[-1:])[0]
    if weights.shape["cosine"]:
        last = last / max(float(np.linalg.norm(last)), 1e-12)
    return last.astype(np.float32)


def gap_buckets(pauses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pauses in seconds to buckets, as the network was trained.

    >>> gap_buckets(np.array([0.0, 1.0, 3.0, 1e9])).tolist()
    [0, 1, 2, 23]
    """
    found: NDArray[np.int64] = np.minimum(np.ceil(np.log2(np.maximum(pauses, 0) + 1)), GAPS - 1).astype(np.int64)
    return found


def _heads(x: Floats, parts: int, heads: int) -> list[Floats]:
    """(t, parts * d) -> parts of (h, t, d / h)"""
    t = len(x)
    split = x.reshape(t, parts, heads, -1).transpose(1, 2, 0, 3)
    return list(split)


def _attention(weights: Weights, name: str, x: Floats, bias: Floats, asked: int) -> Floats:
    """x: (t, d);  bias: (h, t, t);  returns: (asked, d), of the last rows"""
    d = x.shape[1]
    heads = weights.shape["heads"]
    weight, offset = weights[f"{name}.inward.weight"], weights[f"{name}.inward.bias"]
    (queries,) = _heads(x[-asked:] @ weight[:d].T + offset[:d], 1, heads)
    keys, values = _heads(x @ weight[d:].T + offset[d:], 2, heads)
    logits = queries @ keys.transpose(0, 2, 1) / np.float32(math.sqrt(d // heads)) + bias[:, -asked:]  # (h, asked, t)
    logits -= logits.max(-1, keepdims=True)
    share = np.exp(logits)
    share /= share.sum(-1, keepdims=True)
    mixed = (share @ values).transpose(1, 0, 2).reshape(asked, d)
    return weights.linear(f"{name}.outward", mixed)


def _plain(weights: Weights, name: str, x: Floats, bias: Floats, asked: int) -> Floats:
    x = x[-asked:] + _attention(weights, f"{name}.attention", weights.norm(f"{name}.norms.0", x), bias, asked)
    wide = weights.linear(f"{name}.widen", weights.norm(f"{name}.norms.1", x))
    wide *= 0.5 * (1 + erf(wide * np.float32(math.sqrt(0.5))))
    out: Floats = x + weights.linear(f"{name}.narrow", wide)
    return out


def _gated(weights: Weights, name: str, x: Floats, bias: Floats, asked: int) -> Floats:
    mixed = _attention(weights, f"{name}.attention", weights.norm(f"{name}.norms.0", x), bias, asked)
    x = x[-asked:]
    x = x + mixed * _sigmoid(weights.linear(f"{name}.gates.0", x))
    left, right = np.split(weights.linear(f"{name}.widen", weights.norm(f"{name}.norms.1", x)), 2, axis=-1)
    inner = weights.linear(f"{name}.narrow", left * _sigmoid(left) * right)
    out: Floats = x + inner * _sigmoid(weights.linear(f"{name}.gates.1", x))
    return out


def _pointwise(weights: Weights, name: str, x: Floats, bias: Floats, asked: int) -> Floats:
    t, d = x.shape
    heads = weights.shape["heads"]
    inward = weights.linear(f"{name}.inward", weights.norm(f"{name}.before", x))
    gate, values, queries, keys = _heads(inward * _sigmoid(inward), 4, heads)
    logits = queries[:, -asked:] @ keys.transpose(0, 2, 1) / np.float32(math.sqrt(d // heads))  # (h, asked, t)
    if weights.shape["relative"]:
        logits = logits + np.maximum(bias[:, -asked:], np.float32(-1e4))
    seen = np.sqrt(np.arange(t - asked + 1, t + 1, dtype=np.float32))[:, None]
    share = np.tril(logits * _sigmoid(logits), t - asked) / seen
    mixed = (share @ values).transpose(1, 0, 2).reshape(asked, d)
    gates = gate[:, -asked:].transpose(1, 0, 2).reshape(asked, d)
    out: Floats = x[-asked:] + weights.linear(f"{name}.outward", weights.norm(f"{name}.inside", mixed) * gates)
    return out


def _sigmoid(x: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-np.clip(x, -60, 60)))
    return out


BLOCKS: dict[str, Callable[[Weights, str, Floats, Floats, int], Floats]] = {
    "plain": _plain,
    "gated": _gated,
    "pointwise": _pointwise,
}
