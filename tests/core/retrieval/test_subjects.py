"""Subjects: names are heard through spelling, joining and letters spelt out; what was named last weighs more."""

import pytest

from core.retrieval.subjects import Subjects, spoken

NAMES = ("Golden Otter Hotel", "SF Tram Museum", "PancakeBarn - Harbour", "PancakeBarn - Old Town", "Quay 39")
COMMON = {"hotel": 50, "golden": 20, "museum": 10, "old": 40, "town": 30}


def best(*turns: str) -> str:
    subjects = Subjects(NAMES, lambda word: COMMON.get(word, 1), n=100)
    scores = subjects.mentioned(turns)
    return NAMES[int(scores.argmax())] if scores.max() > 0.38 else ""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("how about the golden otter", "Golden Otter Hotel"),
        ("it's called the s. f. tram museum", "SF Tram Museum"),
        ("there is the pancake barn in old town", "PancakeBarn - Old Town"),
        ("the ferry leaves from quay thirty nine, that is quay three nine", "Quay 39"),
        ("the Golden Otters Hotel is near", "Golden Otter Hotel"),
        ("my number is three nine three nine", ""),
    ],
)
def test_a_name_is_heard_as_it_is_spoken(said: str, meant: str):
    assert best(said) == meant


def test_the_latest_name_is_spoken_of():
    assert best("try the golden otter", "or the sf tram museum") == "SF Tram Museum"


def test_a_turn_without_names_keeps_the_subject():
    assert best("try the golden otter hotel", "yes please", "and can I bring my dog") == "Golden Otter Hotel"


def test_a_branch_is_told_by_words_said_elsewhere():
    assert best("something to eat in the old town please", "there is the pancake barn") == "PancakeBarn - Old Town"


def test_nothing_named_is_nothing_heard():
    assert best("is breakfast included") == ""


def test_common_words_far_apart_are_no_name():
    assert best("old things and a lot of other words before the very end of this town") == ""


def test_digits_and_letters_are_read_one_by_one():
    assert spoken("R&B at No. 12") == ("r", "and", "b", "at", "no", "one", "two")
