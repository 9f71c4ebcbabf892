"""Changes of texts: what they do, and what they leave alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.noise import NOISE, double_letter, drop_letter, swap_letters
from core.evaluation.swaps import swap_gender, swap_names, swap_numbers, swaps
from core.evaluation.wording import Change
from core.outcomes import Labelled

ROW = Labelled("Maria says Acme Ltd. owes her £1,200.50, up 5% since 2023!", "fee", entity="Acme Ltd.")
EVERY = {**NOISE, **swaps([ROW, Labelled("Bolt", "fee", entity="Bolt")])}


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed(change: Change, text: str, seed: int = 0) -> str:
    return change(Labelled(text, None), chance(seed)).text


@pytest.mark.parametrize("kind", EVERY)
def test_every_change_changes_the_text_keeps_the_label_and_still_finds_the_entity(kind: str):
    for seed in range(20):
        copy = EVERY[kind](ROW, chance(seed))
        assert copy.text != ROW.text
        assert copy.label == ROW.label
        assert copy.entity in copy.text


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=60), st.integers(0, 99))
def test_no_text_is_too_odd_to_change(text: str, seed: int):
    for change in EVERY.values():
        change(Labelled(text, None, entity=text[:3].strip()), chance(seed))


@settings(deadline=None)  # the machine may be busy
@given(st.from_regex(r"[a-z]{4,12}", fullmatch=True), st.integers(0, 99))
def test_a_typo_is_one_letter_away_and_keeps_the_first_or_doubles_it(word: str, seed: int):
    assert sorted(swap_letters(word, chance(seed))) == sorted(word)
    assert len(drop_letter(word, chance(seed))) == len(word) - 1
    assert len(double_letter(word, chance(seed))) == len(word) + 1
    assert {typo(word, chance(seed))[0] for typo in (swap_letters, drop_letter, double_letter)} == {word[0]}


def test_short_words_get_no_typos():
    assert changed(NOISE["letter dropped"], "I am in it") == "I am in it"


def test_the_same_seed_makes_the_same_typo():
    text = "Where does my new card stay so long?"
    assert changed(NOISE["letters swapped"], text, 3) == changed(NOISE["letters swapped"], text, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said his wife saw him.", "She said her husband saw her."),
        ("Tell her to call.", "Tell him to call."),
        ("Her card, not hers", "His card, not his"),
        ("MR Smith hurt himself", "MRS Smith hurt herself"),
        ("Other shelves, there", "Other shelves, there"),
    ],
)
def test_gender_is_swapped_word_by_word(text: str, expected: str):
    assert changed(swap_gender, text) == expected


@pytest.mark.parametrize(
    "text", ["in 2023", "on 12/05/2024", "at 10:30", "the 1st", "Q3 and COVID-19", "version 1.2.3", "5-7 days"]
)
def test_numbers_that_are_names_stay(text: str):
    assert changed(swap_numbers, text) == text


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.integers(1, 99_999), min_size=2, max_size=4), st.integers(0, 99))
def test_what_was_more_stays_more(numbers: list[int], seed: int):
    text = " to ".join(f"{number / 100:.2f}" for number in numbers)
    after = [float(number) for number in changed(swap_numbers, text, seed).split(" to ")]
    order = [(a > b) - (a < b) for a, b in pairwise(numbers)]
    assert order == [(a > b) - (a < b) for a, b in pairwise(after)]
    assert all(new != old / 100 for new, old in zip(after, numbers, strict=True))


def test_a_name_becomes_another_of_the_same_gender_and_only_whole_words_count():
    assert changed(swap_names, "Carlos wrote").split()[1] == "wrote"
    assert changed(swap_names, "Carlos wrote") != "Carlos wrote"
    assert changed(swap_names, "Annapolis and maria") == "Annapolis and maria"


def test_companies_are_swapped_only_when_there_are_others():
    assert "companies swapped" not in swaps([ROW])
    swapped = EVERY["companies swapped"](ROW, chance())
    assert (swapped.entity, "Bolt owes" in swapped.text, "Acme" in swapped.text) == ("Bolt", True, False)
