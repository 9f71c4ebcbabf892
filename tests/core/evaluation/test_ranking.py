"""Rankings: by hand, and what must hold for all of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.evaluation.ranking import measure_ranking, ndcg, recall

IDS = "abcdef"
QUERIES = st.lists(
    st.tuples(st.permutations(IDS), st.sets(st.sampled_from(IDS + "z"), min_size=1)), min_size=1, max_size=8
)


def test_two_queries_by_hand():
    figures = measure_ranking([["a", "b", "c"], ["x", "y", "z"]], [{"b", "c"}, {"q"}], ks=[1, 3])
    assert {name: round(figure.value, 4) for name, figure in figures.items()} == {
        "hit@1": 0.0,
        "hit@3": 0.5,
        "recall@1": 0.0,
        "recall@3": 0.5,
        "ndcg@1": 0.0,
        "ndcg@3": 0.3467,  # (1/log2 3 + 1/log2 4) / (1 + 1/log2 3) / 2
        "mrr": 0.25,
    }


def test_an_id_ranked_twice_counts_once():
    assert measure_ranking([["a", "a", "b"]], [{"a", "b"}], ks=[2])["recall@2"].value == 1.0


def test_more_relevant_ids_than_places_can_still_be_ranked_perfectly():
    assert ndcg(["a", "b"], {"a", "b", "c"}, k=2) == 1.0
    assert recall(["a", "b"], {"a", "b", "c"}, k=2) == pytest.approx(2 / 3)


def test_a_query_without_relevant_ids_is_named():
    with pytest.raises(Invalid, match="Nothing is relevant to query 2"):
        measure_ranking([["a"], ["a"]], [{"a"}, set()])


def test_unequal_lists_are_told():
    with pytest.raises(Invalid, match="1 rankings but relevant ids of 2 queries"):
        measure_ranking([["a"]], [{"a"}, {"b"}])


@settings(deadline=None)  # the machine may be busy
@given(QUERIES)
def test_every_interval_holds_its_value_and_deeper_finds_no_less(queries: list[tuple[list[str], set[str]]]):
    figures = measure_ranking([r for r, _ in queries], [g for _, g in queries], ks=[1, 3], resamples=30)
    assert all(0 <= f.low <= f.value <= f.high <= 1 + 1e-9 for f in figures.values())
    assert figures["hit@1"].value <= figures["hit@3"].value
    assert figures["recall@1"].value <= figures["recall@3"].value + 1e-9
    assert figures["hit@1"].value <= figures["mrr"].value + 1e-9
