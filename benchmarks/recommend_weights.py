"""What weights of events change: the sample's shop, learned from under four settings.

python -m benchmarks.recommend_weights

The last 30 days are hidden. Each setting learns from the rest, without the network, and recommends ten items that a
user had nothing to do with before. Prints a row a setting: how often something that the user then bought, or looked at,
is among them, and how many purchases a view the recommended items had before. 95 % intervals over users.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from apps.recommender.pipeline.learning import learnable
from apps.recommender.pipeline.model.fitting import fit
from apps.recommender.sample.events import SampleShop, generate
from apps.recommender.schemas.columns import EventColumns, ItemColumns, natural_order
from apps.recommender.settings import EVENT_TYPES, IMPRESSION, EventType, RecommenderSettings

DAY_S = 86_400.0
HIDDEN_DAYS = 30
ENDS = datetime(2026, 11, 1, tzinfo=UTC)
SLOW = 10_000.0
ALIKE = {
    name: EventType(weight=float(one.weight > 0), half_life_days=SLOW)
    for name, one in EVENT_TYPES.items()
    if one.weight >= 0 and name != IMPRESSION
}
SETTINGS = {
    "all alike": RecommenderSettings(event_types=ALIKE),
    "as shipped": RecommenderSettings(),
    "forgetting too": RecommenderSettings(forget_in_training=True),
    "purchases first": RecommenderSettings(
        event_types={
            "view": EventType(weight=0.02, half_life_days=14),
            "click": EventType(weight=0.05, half_life_days=14),
            "cart": EventType(weight=0.2, half_life_days=30),
        }
    ),
}


def columns(shop: SampleShop) -> tuple[EventColumns, ItemColumns]:
    """The shop as learning reads it; anonymous sessions left out."""
    events = [one for one in shop.events if one.user]
    users = sorted({one.user for one in events})
    types = sorted({one.type for one in events})
    place, kind = {name: at for at, name in enumerate(users)}, {name: at for at, name in enumerate(types)}
    ids = [one.id for one in shop.catalogue.items]
    by_id = natural_order(ids)
    number = np.empty(len(ids), dtype=np.int32)
    number[by_id] = np.arange(len(ids), dtype=np.int32)
    user = np.array([place[one.user] for one in events], dtype=np.int32)
    item = number[[one.item for one in events]]
    seconds = np.array([one.seconds for one in events])
    order = np.lexsort((item, seconds, user))
    made = EventColumns(
        users=users,
        items=[ids[at] for at in by_id],
        types=types,
        user=user[order],
        item=item[order],
        type=np.array([kind[one.type] for one in events], dtype=np.int16)[order],
        value=np.full(len(events), np.nan, dtype=np.float32),
        seconds=seconds[order],
    )
    return made, _no_items()


def _no_items() -> ItemColumns:
    none, flags = np.empty(0), np.empty(0, dtype=np.bool_)
    return ItemColumns(
        0, np.empty(0, dtype=np.int64), [], [], [], [], [], [], none, none, none, none, none, flags, flags, flags
    )


def some(events: EventColumns, kept: np.ndarray) -> EventColumns:
    """A part of the events; names stay."""
    parts = {name: getattr(events, name)[kept] for name in ("user", "item", "type", "value", "seconds")}
    return EventColumns(events.users, events.items, events.types, **parts)


def measured(events: EventColumns, settings: RecommenderSettings, since: float) -> dict[str, tuple[float, float, int]]:
    """Of each figure: value, half of its interval, users."""
    past = some(events, events.seconds < since)
    learned = learnable(past, _no_items(), settings)
    place = {name: at for at, name in enumerate(learned.items)}
    fitted = fit(learned.histories, None, budget_s=0.0)
    found = fitted.recommender.recommend(learned.histories, 10)
    names = np.array(events.types)
    bought = _counts(past, names, "purchase", place)
    viewed = _counts(past, names, "view", place)
    figures = {"purchases a view": _mean([float(bought[row].sum() / max(viewed[row].sum(), 1)) for row in found])}
    later = some(events, events.seconds >= since)
    for what, told in (("purchase", "bought later"), ("view", "looked at later")):
        hits = []
        for user in range(len(events.users)):
            had = set(learned.histories.item[learned.histories.of(user)].tolist())
            mine = later.item[(later.user == user) & (names[later.type] == what)]
            wanted = {place[events.items[at]] for at in mine.tolist() if events.items[at] in place} - had
            if wanted and had:
                hits.append(float(bool(wanted & set(found[user].tolist()))))
        figures[told] = _mean(hits)
    return figures


def _counts(events: EventColumns, names: np.ndarray, what: str, place: dict[str, int]) -> np.ndarray:
    at = np.array([place.get(name, len(place)) for name in events.items])[events.item[names[events.type] == what]]
    return np.bincount(at, minlength=len(place) + 1)


def _mean(values: Sequence[float]) -> tuple[float, float, int]:
    each = np.array(values)
    return float(each.mean()), float(1.96 * each.std() / max(len(each), 1) ** 0.5), len(each)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the shop, hide, learn four times, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=120_000)
    parser.add_argument("--users", type=int, default=3_000)
    given = parser.parse_args(arguments)
    events, _ = columns(generate(ENDS, users=given.users, events=given.events))
    since = ENDS.timestamp() - HIDDEN_DAYS * DAY_S
    for name, settings in SETTINGS.items():
        figures = measured(events, settings, since)
        told = [f"{what} {value:.3f} ± {half:.3f} (n = {n:,})" for what, (value, half, n) in figures.items()]
        print(f"{name}: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
