"""Every knob of a training as plain values. Chooses none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    epochs: times that each event is predicted;  tokens: events in a batch
    dropout: in the network;  hide: share of a history's events whose item is hidden
    forget: share of items of which only the text counts in a step, so that the text learns to speak for new items
    smooth: probability that is spread over all items;  negatives: items drawn for each step, 0: all of them
    average: decay of the moving average of the weights, which is what is kept; 0: the last weights
    doubt: events after which half of an item's learned part counts; 0: all of it counts at once
    recent: how much more a user's last event counts than the first of a window
    new_only: whether only items that a user had not had before are predicted
    ties: what is predicted where several events have one time: "kept" the next in the order given, "shuffled" the next
        in a new random order each epoch, "ahead" a random one of the next moment, as for baskets
    """

    width: int = 128
    layers: int = 2
    heads: int = 2
    inner: int = 2
    longest: int = 50
    block: Literal["plain", "gated", "pointwise"] = "plain"
    relative: bool = False
    gaps: bool = False
    cosine: bool = False
    text: bool = True
    epochs: int = 12
    tokens: int = 4096
    rate: float = 1e-3
    decay: float = 0.01
    warm: float = 0.05
    dropout: float = 0.3
    hide: float = 0.0
    forget: float = 0.0
    smooth: float = 0.0
    negatives: int = 0
    average: float = 0.0
    doubt: float = 0.0
    recent: float = 0.0
    new_only: bool = False
    ties: Literal["kept", "shuffled", "ahead"] = "kept"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a card."""
        return asdict(self)
