"""Candidates from codes hold the largest products."""

import numpy as np

from core.retrieval.shortlist import Shortlist


def test_the_largest_products_are_among_the_candidates():
    chance = np.random.default_rng(5)
    middles = chance.standard_normal((60, 30))
    rows = (middles[chance.integers(0, 60, 4_000)] + 0.5 * chance.standard_normal((4_000, 30))).astype(np.float32)
    asked = []
    shortlist = Shortlist(4_000, 30, lambda places: asked.append(len(places)) or rows[places])
    assert len(shortlist) == 4_000
    assert max(asked) <= 50_000
    for query in (middles[:20] + 0.3 * chance.standard_normal((20, 30))).astype(np.float32):
        found = shortlist.propose(query, 300)
        assert len(found) == len(set(found.tolist())) == 300
        best = np.argsort(-(rows @ query))[:10]
        assert set(best.tolist()) <= set(found.tolist())


def test_no_more_is_proposed_than_there_is():
    rows = np.random.default_rng(2).standard_normal((700, 5)).astype(np.float32)
    shortlist = Shortlist(700, 5, lambda places: rows[places])
    found = shortlist.propose(rows[0], 9_999).tolist()
    assert 690 <= len(set(found)) == len(found) <= 700, "those whose codes say least may be missing"
