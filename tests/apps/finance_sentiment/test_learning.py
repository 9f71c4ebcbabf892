"""What analysts corrected becomes rows to train with."""

from datetime import timedelta

import pytest

from apps.finance_sentiment.pipeline import learning
from apps.finance_sentiment.pipeline.learning import MoodUnknown, TooFewCorrections, gather
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
    parts = [lessons.learned, lessons.measured, lessons.rehearsed + lessons.others + lessons.stand_ins]
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


def test_moods_to_which_nobody_corrected_anything_are_learned_from_what_surely_is_of_them(desk: Desk):
    documents = desk.capture(*(f"Acme falls for reason {n}" for n in range(60)))
    desk.capture(*(f"Acme maybe for reason {n}" for n in range(20)), "Bolt Motors rises on strong sales")
    desk.reader.read_waiting()
    for document in documents[:45]:
        correct(desk, document, "neutral")
    lessons = gather(desk.database)
    lessons.check()
    assert len(lessons.stand_ins) == learning.STAND_IN + 1
    by_label = {row["label"]: row["text"] for row in lessons.stand_ins}
    assert by_label["positive"] == "Bolt Motors rises on strong sales"
    assert by_label["negative"].startswith("Acme falls")
    assert not {row["text"] for row in lessons.stand_ins} & {row["text"] for row in lessons.rehearsed + lessons.others}


def test_of_few_other_sentences_most_are_rehearsed(desk: Desk):
    desk.capture(*(f"Acme maybe for reason {n}" for n in range(20)))
    desk.reader.read_waiting()
    lessons = gather(desk.database)
    assert (len(lessons.rehearsed), len(lessons.others)) == (16, 4)


def test_a_mood_without_any_example_is_named(desk: Desk):
    documents = desk.capture(*(f"Acme falls for reason {n}" for n in range(60)))
    desk.reader.read_waiting()
    for document in documents[:45]:
        correct(desk, document, "neutral")
    with pytest.raises(MoodUnknown, match="No mood was corrected to positive, and no sentence"):
        gather(desk.database).check()
