"""The benchmark of grounding: its pairs are sound, and the thresholds in force are the ones it chooses."""

from pathlib import Path

import pytest

from benchmarks.grounding import by_cosine, choose, halves, keeps, passages, precision_and_recall, read_pairs
from core.backend.open import open_encoder
from core.generation.supported import Thresholds
from core.settings import Settings
from core.testing.fakes import LetterEncoder


def test_no_passage_is_in_both_halves_and_each_has_both_kinds():
    pairs = read_pairs(LetterEncoder())
    tuning, held = halves(pairs)
    assert len(pairs) >= 150
    assert not {pair.passage for pair in tuning} & {pair.passage for pair in held}
    assert {pair.passage for pair in pairs} <= passages().keys()
    for half in (tuning, held):
        assert sum(pair.supported for pair in half) == len(half) / 2


@pytest.mark.integration
def test_with_real_weights_the_thresholds_in_force_are_the_chosen_ones_and_beat_the_cosine(warm_home: Path):
    encoder = open_encoder(Settings(home=warm_home))
    try:
        tuning, held = halves(read_pairs(encoder))
    finally:
        encoder.close()
    assert choose(tuning) == Thresholds()
    precision, recall = precision_and_recall(held, keeps(Thresholds()))
    alone = [precision_and_recall(held, by_cosine(at / 100)) for at in range(30, 100)]
    as_complete = [other.value for other, theirs in alone if other.n and theirs.value >= recall.value]
    assert precision.value > max(as_complete) + 0.2
