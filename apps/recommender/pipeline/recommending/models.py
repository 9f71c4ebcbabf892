"""Which model answers: a trained version, or likeness of texts and popularity where none is trained. Ranks nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from apps.recommender.errors import UnknownModel
from apps.recommender.pipeline.recommending.opening import open_version
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.shelf import Shelf
from apps.recommender.pipeline.recommending.signals import Signal, by_text
from apps.recommender.pipeline.recommending.trained import Trained
from apps.recommender.settings import RecommenderSettings
from core.app import Services
from core.backend.registry import Stamp
from core.errors import TriviumError

MOST_OTHERS = 2  # versions beside the active one, and beside those of experiments, that are held in memory
TEXT, POPULAR = "text", "popular"
TEXT_WEIGHT, POPULAR_WEIGHT = 1.0, 0.5
"""Without a trained version: likeness counts twice as much as popularity. Nothing was fitted."""


class Model(Protocol):
    """Says what speaks for each of n items."""

    @property
    def name(self) -> str: ...

    def signals(self, past: Past, shelf: Shelf, n: int, now: float) -> list[Signal]:
        """now: Unix seconds"""
        ...


@dataclass(frozen=True)
class Popular:
    """What everybody wants."""

    name: str = POPULAR

    def signals(self, past: Past, shelf: Shelf, n: int, now: float) -> list[Signal]:
        """Popularity alone."""
        return [shelf.popularity(n)]


@dataclass(frozen=True)
class Likeness:
    """What is like the user's last items, and wanted: needs no training."""

    name: str = TEXT

    def signals(self, past: Past, shelf: Shelf, n: int, now: float) -> list[Signal]:
        """Likeness of texts, then popularity."""
        like = by_text(shelf.texts, past, TEXT_WEIGHT, n)
        popular = shelf.popularity(n).weighed(POPULAR_WEIGHT)
        return [popular] if like is None else [like, popular]


class Models:
    """The models of one process. A promotion or rollback counts with the next request."""

    def __init__(self, services: Services, settings: RecommenderSettings) -> None:
        self._registry, self._name = services.registry, settings.served_model
        self._space = services.encoder.fingerprint
        self._lock = threading.Lock()
        self._stamp: Stamp | None = None
        self._active: Model = Likeness()
        self._others: dict[str, Model] = {}
        self.wanted: frozenset[str] = frozenset()
        """Versions that experiments name: they are held beside those that were asked for by chance."""

    def get(self, asked: str | None) -> Model:
        """asked: a name, or None for the active one. raises: UnknownModel, NotServable, DamagedModel"""
        if asked is None:
            return self._current()
        if asked in (TEXT, POPULAR):
            return Likeness() if asked == TEXT else Popular()
        return self._other(asked)

    def prepare(self, shelf: Shelf, n: int) -> None:
        """Do what the next request would have to do first: open the active version, take in new items, make codes."""
        model = self._current()
        if isinstance(model, Trained):
            model.prepare(shelf, n)

    def _current(self) -> Model:
        """Without a trained version: likeness of texts. Promoting one costs every process one reading of it."""
        stamp = self._registry.active_stamp(self._name)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._active = self._opened(self._name) if stamp is not None else Likeness()
                    self._stamp = stamp
        return self._active

    def _other(self, ref: str) -> Model:
        try:
            version = self._registry.get(ref)
        except TriviumError as error:
            raise UnknownModel(ref, error.fact) from error
        if version.name != self._name:
            raise UnknownModel(ref, f"only versions of {self._name} recommend")
        if version.ref == self._current().name:
            return self._current()
        with self._lock:
            if version.ref not in self._others:
                others = [ref for ref in self._others if ref not in self.wanted]
                for gone in others[: max(0, len(others) + 1 - MOST_OTHERS)]:
                    self._others.pop(gone)
                self._others[version.ref] = self._opened(version.ref)
            return self._others[version.ref]

    def _opened(self, ref: str) -> Model:
        return open_version(self._registry.open(ref), self._space)
