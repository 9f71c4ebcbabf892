"""What is in the store as arrays that models learn from: events that speak for items, and the items' texts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from apps.recommender.errors import NothingToLearn
from apps.recommender.pipeline.model.histories import Floats, Histories
from apps.recommender.pipeline.recommending.worth import outlasted
from apps.recommender.schemas.columns import EventColumns, ItemColumns, natural_order
from apps.recommender.settings import RecommenderSettings
from core.backend.encoder import Encoder

DAY_S = 86_400.0
TOGETHER = 512
"""Texts that are encoded at a time."""


@dataclass(frozen=True)
class Learnable:
    """histories: of `users`, over `items`, both ids in order;  texts: (n,), "" where an item has none"""

    histories: Histories
    users: list[str]
    items: list[str]
    texts: list[str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all events and texts, as learned from."""
        told = hashlib.sha256("\n".join([*self.users, *self.items, *self.texts]).encode())
        for part in (self.histories.starts, self.histories.item, self.histories.seconds, self.histories.weight):
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()


def learnable(events: EventColumns, catalogue: ItemColumns, settings: RecommenderSettings) -> Learnable:
    """Leave out events that say nothing for an item (impressions, dislikes), and add items that nobody touched yet.

    raises: NothingToLearn without such an event
    """
    weight = weights_of(events, settings)
    kept = weight > 0
    if not kept.any():
        raise NothingToLearn
    ids = list(
        {*events.items, *(name for name, gone in zip(catalogue.ids, catalogue.removed, strict=True) if not gone)}
    )
    items = [ids[at] for at in natural_order(ids)]
    place = {name: at for at, name in enumerate(items)}
    number = np.array([place[name] for name in events.items], dtype=np.int32)
    histories = Histories.gather(
        events.user[kept],
        number[events.item[kept]],
        events.seconds[kept],
        user_count=len(events.users),
        item_count=len(items),
        weight=weight[kept],
    )
    texts = [""] * len(items)
    for name, title, categories, description in zip(
        catalogue.ids, catalogue.titles, catalogue.categories, catalogue.descriptions, strict=True
    ):
        if name in place:
            texts[place[name]] = text_of(title, categories, description)
    return Learnable(histories, events.users, items, texts)


def weights_of(events: EventColumns, settings: RecommenderSettings) -> Floats:
    """(n,), what each event counts in training, the weightiest type that is there 1; 0 for what is not learned from.

    By its type's weight; with the setting `forget_in_training` also by how much faster it is forgotten than its user's
    longest-lived type: see `outlasted`.
    """
    known = [settings.event_types[name] for name in events.types]
    weight = np.maximum(np.array([one.weight for one in known], dtype=np.float64), 0)[events.type]  # (n,)
    kept = weight > 0
    if not kept.any():
        return np.zeros(len(events), dtype=np.float32)
    weight /= weight.max()
    if not settings.forget_in_training:
        return weight.astype(np.float32)
    halvings = np.array([1 / (DAY_S * one.half_life_days) for one in known])[events.type]  # (n,), a second
    slowest = np.full(len(events.users), np.inf)
    np.minimum.at(slowest, events.user[kept], halvings[kept])
    age = events.seconds.max() - events.seconds
    left = outlasted(age, halvings, np.minimum(slowest[events.user], halvings))
    return np.asarray(weight * left, dtype=np.float32)


def text_of(title: str, categories: Sequence[str], description: str) -> str:
    """What of an item is read: its title, then its categories, then its description.

    >>> text_of("Kettle", ["Kitchen", "Steel"], "Boils a litre.")
    'Kettle. Kitchen, Steel. Boils a litre.'
    """
    return ". ".join(part for part in (title.strip().rstrip("."), ", ".join(categories), description.strip()) if part)


def encoded(texts: Sequence[str], encoder: Encoder, show: Callable[[int], None] = lambda done: None) -> Floats:
    """(n, d) vectors of the texts; zeros for those that are empty. show: told how many are done"""
    vectors = np.zeros((len(texts), encoder.dim), dtype=np.float32)
    held = [at for at, text in enumerate(texts) if text]
    for start in range(0, len(held), TOGETHER):
        some = held[start : start + TOGETHER]
        vectors[some] = encoder.encode([texts[at] for at in some])
        show(min(start + TOGETHER, len(held)))
    return vectors
