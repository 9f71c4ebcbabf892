"""Why an item stands in a list, in words: of what counted most for it. Ranks nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.recommender.pipeline.recommending.catalogue import Catalogue
from apps.recommender.pipeline.recommending.choosing import Chosen
from apps.recommender.pipeline.recommending.past import Past
from apps.recommender.pipeline.recommending.rules import Ruled
from apps.recommender.pipeline.recommending.signals import Signal
from apps.recommender.schemas.recommend import Reason, ReasonKind

DID = {
    "view": "viewed",
    "click": "looked at",
    "cart": "put into your basket",
    "purchase": "bought",
    "rating": "rated",
    "like": "liked",
    "comment": "commented on",
}
ITEM = "item"
"""In place of an event's type where a list is about an item, not a user."""
LONGEST_TITLE = 80


class Reasons:
    """Tells reasons in one list. places: (p,), of the list's items in their order

    total: (p,), what all signals say of them
    """

    def __init__(
        self,
        catalogue: Catalogue,
        past: Past,
        signals: Sequence[Signal],
        rules: Ruled,
        places: NDArray[np.int64],
    ) -> None:
        self._catalogue, self._past, self._signals, self._rules = catalogue, past, signals, rules
        self._said = [signal.says(places) for signal in signals]
        self.total: NDArray[np.float32] = np.stack(self._said).sum(axis=0)

    def of(self, at: int, chosen: Chosen) -> Reason:
        """The reason of the item at a position of the list."""
        if chosen.pinned:
            return Reason(kind="pinned", text="Chosen by the shop")
        if chosen.explored:
            return Reason(kind="explored", text="Something new to try")
        item = chosen.item
        boost = float(self._rules.boost[item]) if self._rules.boost is not None else 0.0
        said = [(float(amounts[at]), signal) for amounts, signal in zip(self._said, self._signals, strict=True)]
        speaks = sum(max(amount, 0.0) for amount, _ in said) + max(boost, 0.0)
        most, signal = max(said, key=lambda one: one[0])
        if boost > max(most, 0.0):
            return Reason(kind="boosted", text="Promoted by the shop", share=_share(boost, speaks))
        if most <= 0:
            return Reason(kind=signal.kind, text="Little speaks for it yet; it passes what was asked", share=0.0)
        share = _share(most, speaks)
        because = signal.because(item)
        if because:
            ids = [self._catalogue.ids[place] for place in because]
            return Reason(kind=signal.kind, text=self._sentence(signal.kind, because), because=ids, share=share)
        return Reason(kind=signal.kind, text=self._plain(signal.kind, item), share=share)

    def _sentence(self, kind: ReasonKind, because: list[int]) -> str:
        titles = " and ".join(self._title(place) for place in because)
        if kind == "together":
            return f"Often bought together with {titles}" if self._past.kinds == [ITEM] else f"Often goes with {titles}"
        if self._past.kinds == [ITEM]:
            return f"Similar to {titles}"
        return f"Because you {self._did(because[0])} {titles}"

    def _plain(self, kind: ReasonKind, item: int) -> str:
        category = self._catalogue.labels.first(item)
        where = f" in {category}" if category else ""
        match kind:
            case "popular":
                return f"Popular{where}"
            case "trending":
                return f"Trending{where}"
            case "new":
                return f"New{where}"
            case "words":
                return "Its title has your words"
            case "similar":
                return "Its text is close in meaning"
            case _:
                return "Fits what you did last"

    def _did(self, place: int) -> str:
        """What the user did with an item last."""
        for at in range(len(self._past) - 1, -1, -1):
            if self._past.places[at] == place:
                return DID.get(self._past.kinds[at], "looked at")
        return "looked at"

    def _title(self, place: int) -> str:
        title = self._catalogue.titles[place] or self._catalogue.ids[place]
        return f"“{title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + '…'}”"


def _share(amount: float, all_of_it: float) -> float:
    return round(min(1.0, max(0.0, amount / all_of_it)), 3) if all_of_it > 0 else 1.0
