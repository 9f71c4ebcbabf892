"""The states of a chat: every step that is drawn leads where it should, every other is refused in a sentence."""

import pytest

from apps.customer_service.pipeline.handoff import STATES, NotNow, desk_may_answer, move

DRAWN = {
    ("bot", "hand_over"): "queued",
    ("bot", "assign"): "assigned",
    ("queued", "assign"): "assigned",
    ("reopened", "assign"): "assigned",
    ("assigned", "release"): "queued",
    ("bot", "resolve"): "resolved",
    ("queued", "resolve"): "resolved",
    ("assigned", "resolve"): "resolved",
    ("reopened", "resolve"): "resolved",
    ("resolved", "reopen"): "reopened",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", ["hand_over", "assign", "release", "resolve", "reopen"])
def test_only_the_steps_that_are_drawn_are_taken(state, step):
    if (state, step) in DRAWN:
        assert move(state, step).after == DRAWN[state, step]
    else:
        with pytest.raises(NotNow, match=r"^The conversation|^the conversation"):
            move(state, step)


def test_a_chat_that_had_no_person_goes_back_to_the_desk_itself():
    assert move("resolved", "reopen", had_a_person=False).after == "bot"


def test_the_desk_is_silent_once_a_person_was_asked_for():
    assert [state for state in STATES if desk_may_answer(state)] == ["bot"]
