"""What analysts corrected becomes rows to train with."""

from datetime import timedelta

import pytest

from apps.finance_sentiment.pipeline import learning
from apps.finance_sentiment.pipeline.learning import TooFewCorrections, gather
from apps.finance_sentiment.schemas.corrections import NewCorrection
from tests.apps.finance_sentiment.conftest import Desk


def correct(desk: Desk, document: int, label: str) -> None:
    desk.clock.now += timedelta(minutes=1)
    reading = desk.known()[document].id
    desk.correcting.correct(NewCorrection(reading=reading, label=label), by="Ann")


def test_corrected_moods_are_learned_each_sentence_in_one_part_only(desk: Desk):
    documents = desk.capture(*(f"Acme falls for reason {n}" for n in range(60)))
    desk.reader.read_waiting()
    for document in documents[:45]:
        correct(desk, document, "neutral")
    lessons = gather(desk.database)
    lessons.check()
    parts = [lessons.learned, lessons.measured, lessons.rehearsed + lessons.others]
    texts = [{row["text"] for row in part} for part in parts]
    assert sum(map(len, texts)) == len(set.union(*texts)) == 60
    assert len(texts[2]) == 15
    assert {(row["entity"], row["label"]) for row in parts[0] + parts[1]} == {("Acme", "neutral")}
    assert {row["entity"] for row in parts[2]} == {"Acme"}
    assert min(len(texts[0]), len(texts[1])) > 4


def test_the_latest_of_two_corrections_counts(desk: Desk):
    [document] = desk.capture("Acme falls")
    desk.reader.read_waiting()
    correct(desk, document, "neutral")
    correct(desk, document, "positive")
    lessons = gather(desk.database)
    assert [row["label"] for row in lessons.learned + lessons.measured] == ["positive"]


def test_too_few_corrections_say_how_many_are_missing(desk: Desk):
    with pytest.raises(TooFewCorrections, match=f"0 moods were corrected, and training needs {learning.FEWEST}"):
        gather(desk.database).check()
