"""Comments' moods: read in batches, kept as the event's value, by whoever comes first."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from apps.recommender.errors import GivesNoMoods
from apps.recommender.pipeline.ingesting import moods
from apps.recommender.pipeline.ingesting.moods import CommentReader
from apps.recommender.store.comments import Comments
from core.outcomes import Labelled, Prediction
from tests.apps.recommender.conftest import Shop

AT = 1_700_000_000
LABELS = ("negative", "neutral", "positive")


class WordClassifier:
    """Reads "good" and "bad"; all else is neutral."""

    ref = "words@1"

    def __init__(self, labels: tuple[str, ...] = LABELS) -> None:
        self.head = SimpleNamespace(about=SimpleNamespace(labels=labels))
        self.batches: list[int] = []

    def predict(self, rows: list[Labelled]) -> list[Prediction]:
        self.batches.append(len(rows))
        return [self._one(row.text) for row in rows]

    def _one(self, text: str) -> Prediction:
        chances = (0.02, 0.08, 0.9) if "good" in text else (0.8, 0.1, 0.1) if "bad" in text else (0.1, 0.8, 0.1)
        return Prediction("", 0.9, dict(zip(LABELS, chances, strict=True)))


def reader(shop: Shop, classifier: Any) -> CommentReader:
    return CommentReader(Comments(shop.database), lambda: nullcontext(classifier))


def comment(text: str, number: int, **more: object) -> dict[str, object]:
    return {"user": f"u{number}", "item": "lamp", "type": "comment", "text": text, "timestamp": AT + number, **more}


def test_a_comments_mood_becomes_its_value(shop: Shop):
    shop.events(
        comment("so good", 1), comment("bad, bad", 2), comment("it is a lamp", 3), comment("meh", 4, value=-0.5)
    )
    assert [shop.history(f"u{number}")[0].value for number in (1, 4)] == [None, -0.5]
    assert shop.counted().waiting_comments == 3
    before = shop.counted().revisions
    assert reader(shop, WordClassifier()).read_some() == 3
    assert [shop.history(f"u{number}")[0].value for number in (1, 2, 3, 4)] == [0.88, -0.7, 0.0, -0.5]
    assert shop.counted().waiting_comments == 0
    assert shop.counted().revisions["events"] == before["events"] + 3


def test_comments_are_read_in_batches_until_none_waits(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(moods, "BATCH", 4)
    shop.events(*(comment("good", number) for number in range(9)))
    classifier, shown = WordClassifier(), []
    assert reader(shop, classifier).read_all(shown.append) == 9
    assert (classifier.batches, shown) == ([4, 4, 1], [4, 8, 9])


def test_a_comment_that_was_read_meanwhile_is_left_alone(shop: Shop):
    shop.events(comment("good", 1))
    [(number, _)] = Comments(shop.database).waiting(5)
    assert Comments(shop.database).keep({number: 0.5}, "first@1") == 1
    assert Comments(shop.database).keep({number: -0.5}, "second@1") == 0
    assert shop.history("u1")[0].value == 0.5


def test_a_model_of_other_labels_is_refused_and_comments_wait_on(shop: Shop):
    shop.events(comment("good", 1))
    with pytest.raises(GivesNoMoods):
        reader(shop, WordClassifier(("spam", "ham"))).read_some()
    assert shop.counted().waiting_comments == 1
