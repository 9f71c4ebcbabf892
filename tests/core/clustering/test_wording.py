"""Labels: two to five words that the group's messages share and others do not, never a number."""

from core.clustering.wording import WITHOUT_WORDS, name_groups
from tests.core.clustering.made_up import WANTS, messages


def labels(groups: list[list[str]]) -> list[str]:
    """Name groups of texts; the first text of each is its most typical."""
    texts = [text for group in groups for text in group]
    places = [at for at, group in enumerate(groups) for _ in group]
    typical = [[at for at, place in enumerate(places) if place == group] for group in range(len(groups))]
    return name_groups(texts, places, typical)


def test_a_label_names_what_the_group_is_about():
    texts, wants = messages(each=9)
    named = labels([[text for text, own in zip(texts, wants, strict=True) if own == want] for want in WANTS])
    assert all(want in label for want, label in zip(WANTS, named, strict=True))
    assert len(set(named)) == len(named)


def test_labels_have_two_to_five_words_of_the_messages():
    for label in labels([["please refund my train ticket", "refund for a train ticket"], ["the door is too narrow"]]):
        assert 2 <= len(label.split()) <= 5
        assert set(label.split()) <= set("please refund my for a train ticket the door is too narrow".split())


def test_what_all_groups_say_names_none():
    named = labels(
        [
            ["my account is locked", "account locked again", "locked out of my account"],
            ["delete my account", "please delete the account", "account delete"],
        ]
    )
    assert "locked" in named[0]
    assert "delete" in named[1]


def test_numbers_and_politeness_are_no_label():
    [label] = labels([["hello please block card 4929 1111 thanks", "hello please block card 4929 1111 thanks"]])
    assert label == "block card"


def test_two_groups_of_the_same_words_get_different_labels():
    one, other = labels([["close my account today", "close my account"], ["close my account", "close my account now"]])
    assert one != other


def test_a_single_word_is_its_own_label_and_no_word_is_said_to_be_none():
    assert labels([["Refund"], ["\U0001f621\U0001f621"]]) == ["refund", WITHOUT_WORDS]


def test_words_of_other_scripts_are_words():
    [label] = labels([["где моя посылка", "моя посылка потерялась"]])
    assert "посылка" in label
