"""BM25 over positions and the mending of spelling."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.retrieval.lexical import Lexical
from core.retrieval.spelling import Speller
from core.retrieval.words import stem


def index(*texts: str) -> Lexical:
    lexical = Lexical()
    for text in texts:
        lexical.append(text)
    return lexical


def ranked(lexical: Lexical, query: str, dead: tuple[int, ...] = ()) -> list[int]:
    alive = np.ones(lexical.n, dtype=np.bool_)
    alive[list(dead)] = False
    scores = lexical.scores(lexical.read(query, alive), alive)
    return [int(at) for at in np.argsort(-scores, kind="stable") if scores[at] > 0 and alive[at]]


def test_the_rarer_word_decides():
    assert ranked(index("card lost", "card stolen", "card lost card"), "stolen card")[0] == 1


def test_a_word_is_found_in_all_its_forms():
    assert ranked(index("delivery charges", "refunds"), "deliveries charged") == [0]


def test_a_number_is_a_word():
    assert ranked(index("costs 3.95 pounds", "costs 4.95 pounds"), "4.95") == [1]


def test_appending_and_building_at_once_score_alike():
    texts = ["a cat", "a dog and a cat", "bonds", "cat cat cat"]
    alive = np.ones(4, dtype=np.bool_)
    whole = index(*texts)
    copy = Lexical.from_arrays(whole.arrays())
    assert np.array_equal(
        whole.scores(whole.read("cat dog", alive), alive), copy.scores(copy.read("cat dog", alive), alive)
    )
    copy.append("a late cat")
    assert ranked(copy, "late") == [4]


def test_what_is_dead_makes_no_word_common():
    lexical = index(*["refund"] * 50, "refund now", "card")
    alive = np.zeros(52, dtype=np.bool_)
    alive[50:] = True
    [term] = lexical.read("refund", alive)
    assert term.idf == pytest.approx(np.log(2))  # one of two: ln(1 + 1.5 / 1.5)


def test_coverage_weighs_words_by_rarity():
    lexical = index("card pin", "card", "card", "card")
    alive = np.ones(4, dtype=np.bool_)
    pin, card = lexical.coverage(lexical.read("card pin", alive), np.array([0, 1], dtype=np.int32)).tolist()
    assert pin == 1.0
    assert 0.0 < card < 0.5


def test_an_unknown_word_is_not_covered():
    lexical = index("card pin")
    alive = np.ones(1, dtype=np.bool_)
    assert lexical.coverage(lexical.read("zebra", alive), np.array([0], dtype=np.int32)).tolist() == [0.0]


def test_many_threads_may_stem_at_once():
    words = [f"{a}{b}ization" for a in "abcdefghij" for b in ("rapid", "nation", "general", "opera")] * 20
    alone = [stem.__wrapped__(word) for word in words]
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(stem.__wrapped__, words))
    finally:
        sys.setswitchinterval(switch)
    assert together == alone


COMMON = frozenset("how much is it to put two wardrobes together please blend grind want".split())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how mcuh is delivrey", "how much is delivery"),
        ("my pebbel card", "my pebble card"),
        ("a blender and a grinder", "a blender and a grinder"),  # derived from words that are known
        ("cahs", "cahs"),  # nothing near is known
        ("PIN 12ab34", "PIN 12ab34"),
        ("", ""),
    ],
)
def test_only_unknown_words_near_known_ones_are_mended(typed: str, meant: str):
    speller = Speller(COMMON)
    speller.learn(["my", "pebble", "card", "delivery", "and"])
    assert speller.mend(typed) == meant


def test_without_common_words_nothing_is_mended():
    speller = Speller()
    speller.learn(["delivery"])
    assert speller.mend("delivrey") == "delivrey"
