"""What a message is, its language and its questions. Cases written here; the labelled sets are measured whole."""

from pathlib import Path

import pytest

from apps.customer_service.pipeline.asking import DONT_KNOW, WHICH
from apps.customer_service.pipeline.small_talk import small_talk_of
from apps.customer_service.pipeline.splitting import split
from apps.customer_service.pipeline.understanding import MOST_READ, understand
from apps.customer_service.pipeline.words import say, words_by_language
from apps.customer_service.schemas.asking import Turn
from benchmarks.safety import halves, read
from benchmarks.understanding import cut_at_marks, is_split_right

SETS = Path(__file__).parent
SPOKEN = ("en", "de", "fr", "es", "it", "nl", "pt")


@pytest.mark.parametrize("half", [0, 1])
def test_most_messages_are_told_apart_and_hardly_a_question_is_lost(half: int):
    rows = halves(read(SETS / "messages.jsonl"))[half]
    found = [understand(row["text"]) for row in rows]
    assert sum(f.kind == row["kind"] for f, row in zip(found, rows, strict=True)) / len(rows) >= 0.85
    assert sum(f.language == row["language"] for f, row in zip(found, rows, strict=True)) / len(rows) >= 0.85
    questions = [f.kind for f, row in zip(found, rows, strict=True) if row["kind"] == "question"]
    assert sum(kind != "question" for kind in questions) / len(questions) <= 0.05


@pytest.mark.parametrize("half", [0, 1])
def test_most_messages_are_split_right_and_more_than_by_cutting_at_question_marks(half: int):
    rows = halves(read(SETS / "split.jsonl"))[half]
    right = sum(is_split_right(row, understand(row["text"]).parts) for row in rows) / len(rows)
    assert right >= 0.75
    assert right > sum(is_split_right(row, cut_at_marks(row["text"])) for row in rows) / len(rows) + 0.1


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("", "wordless"),
        (" \n\t", "wordless"),
        ("?!…", "wordless"),
        ("🤷", "wordless"),
        ("🙏", "small_talk"),
        ("a" * 1_000_000, "question"),
        ("where is my order " * 60_000, "question"),
        ("\x00\x01\x02" * 100, "garbled"),
        ("\ud800\udfff", "garbled"),
        ("\u202eredro ym si erehw", "question"),
        ("أين طلبي؟", "question"),
        ("pin", "question"),
        ("\u200b\u200b", "wordless"),
    ],
)
def test_odd_messages_are_something_and_never_an_error(message: str, kind: str):
    found = understand(message)
    assert found.kind == kind
    assert bool(found.parts) == (kind == "question")
    assert sum(map(len, found.parts)) <= 2 * MOST_READ


def test_a_greeting_before_a_question_is_not_searched():
    assert understand("Hi there! Where is my order?").parts == ("Where is my order?",)
    assert understand("Danke, aber wie kündige ich mein Konto?").parts == ("wie kündige ich mein Konto?",)


def test_what_is_told_before_a_question_stays_with_it():
    assert split("My lamp came broken. What now?") == ("My lamp came broken. What now?",)


def test_the_noun_takes_the_place_of_the_pronoun():
    assert split("How do I order a card? When does it arrive?")[1] == "When does the card arrive?"
    assert split("Where are my points? Do they expire?")[1] == "Do the points expire?"
    assert split("Is delivery free? When is it?")[1] == "When is it?"


def test_the_language_of_a_bare_ok_is_that_of_the_conversation():
    turns = [Turn(role="user", text="Wo finde ich meine Rechnung?"), Turn(role="agent", text="In the app.")]
    assert understand("ok", turns).language == "de"
    assert understand("👍", turns).language == "de"
    assert understand("4711", turns).language == "de"
    assert understand("ok").language == "en"


def test_every_language_of_the_desk_says_everything_and_knows_its_own_small_talk():
    english = words_by_language()["en"].says
    for language in SPOKEN:
        words = words_by_language()[language]
        assert set(words.says) == set(english)
        assert all(small_talk_of(phrase) for phrase in (*words.greetings, *words.thanks, *words.goodbyes))
    assert len({say("thanks", language) for language in SPOKEN}) == len(SPOKEN)
    assert (say("dont_know", "fi"), say("which", "unknown")) == (DONT_KNOW, WHICH)
