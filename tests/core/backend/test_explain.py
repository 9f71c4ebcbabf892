"""Words are weighed by leaving each out, on an encoder that counts letters: what must come out can be seen."""

import pytest

from core.backend.classifier import Classifier
from core.backend.explain import TOGETHER, explain, tokens_to_read, weighed, word_spans
from core.backend.registry import Registry
from core.outcomes import Labelled
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder
from tests.core.backend.classifiers import head, publish_head

ZIPS = {"up": ["zzz"], "down": ["ooo"]}


@pytest.fixture
def reader(settings: Settings, clock: FixedClock) -> Classifier:
    made = head(ZIPS)
    return Classifier(publish_head(Registry(settings.home, clock), made=made), LetterEncoder(), made)


def weights(reader: Classifier, text: str, entity: str = "") -> dict[str, float]:
    [reasons] = explain(reader, [Labelled(text, entity=entity)])
    assert all(text[reason.start : reason.end] == reason.text for reason in reasons)
    return {reason.text: reason.weight for reason in reasons}


def test_the_word_that_made_the_label_weighs_most_and_its_opposite_speaks_against(reader: Classifier):
    found = weights(reader, "Zizz, zen; oo!")
    assert list(found) == ["Zizz", "zen", "oo"]
    assert found["Zizz"] > 0 > found["oo"]
    assert sum(map(abs, found.values())) == pytest.approx(1)


def test_weights_are_for_the_most_probable_label(reader: Classifier):
    assert weights(reader, "zz zz oooooo")["oooooo"] > 0


def test_the_same_text_has_the_same_weights_alone_and_among_many(reader: Classifier):
    rows = [Labelled(f"zizz oo {'and so on ' * (n % 7)}") for n in range(TOGETHER // 4)]
    together = explain(reader, rows)
    assert together == explain(reader, rows)
    assert together[13] == explain(reader, [rows[13]])[0]


def test_the_entity_is_no_reason_for_what_is_said_about_it(reader: Classifier):
    assert list(weights(reader, "Zorro & Co. rises, pizza falls", entity="zorro")) == ["Co", "rises", "pizza", "falls"]


def test_a_text_without_words_has_no_reasons_and_one_word_has_all_the_weight(reader: Classifier):
    assert weights(reader, "?! …") == {}
    assert weights(reader, "zizz") == {"zizz": 1.0}
    assert explain(reader, []) == []


def test_a_text_in_which_no_word_matters_has_weights_of_nought():
    assert [reason.weight for reason in weighed("a b", [(0, 1), (2, 3)], [0.0, 0.0])] == [0.0, 0.0]


def test_words_that_the_model_does_not_read_are_not_weighed():
    assert word_spans(Labelled("one two three four"), tokens=2) == [(0, 3), (4, 7)]


def test_what_it_costs_is_known_before(reader: Classifier):
    rows = [Labelled("zizz oo and"), Labelled("zz")]
    counts = reader.count_tokens(rows)
    assert (counts, tokens_to_read(rows, counts)) == ([3, 1], 3 * 3 + 1)
