"""Spoken turns: filling and run-up go, the question stays, and nothing is ever emptied."""

import pytest

from core.retrieval.speech import asked_in


@pytest.mark.parametrize(
    ("turn", "question"),
    [
        ("ok great uh is there a lift", "is there a lift"),
        ("could you tell me whether dogs are allowed", "dogs are allowed"),
        ("can you check and see if they open at eight", "they open at eight"),
        ("can you tell me more", "can you tell me more"),
        ("thanks", "thanks"),
        ("", ""),
    ],
)
def test_what_a_turn_asks(turn: str, question: str):
    assert asked_in(turn) == question
