"""The report of an evaluation: what a reader sees first, and that each figure is explained."""

from apps.recommender.pipeline.evaluating.page import verdict
from apps.recommender.pipeline.evaluating.running import Evaluation
from core.evaluation.intervals import Figure

Figures = dict[str, dict[str, Figure]]


def figures(ours: float, best: float) -> Figures:
    rates = {"blend": ours, "text": 0.04, "baseline: popular": 0.05, "baseline: EASE": best}
    return {name: {"hit@10": Figure(rate, rate - 0.02, rate + 0.02, 1_000)} for name, rate in rates.items()}


def evaluation(found: Figures) -> Evaluation:
    return Evaluation("leave-one-out", users=1_000, items=500, events=20_000, figures=found, seconds=1.0, about={})


def test_the_model_is_told_against_the_best_baseline():
    assert verdict(figures(0.3, 0.2)) == (
        "baseline: EASE",
        "better",
        "of 100 people, the model finds something wanted for 30.0, the best baseline for 20.0; the difference is "
        "+10.0 (+7.2 to +12.8), more than chance would explain.",
    )


def test_what_chance_may_have_made_is_no_victory():
    words = [found[1] for rates in ((0.21, 0.2), (0.1, 0.2)) if (found := verdict(figures(*rates)))]
    assert words == ["about as good", "worse"]


def test_the_page_names_rankers_and_explains_its_figures():
    found = figures(0.3, 0.2)
    found["blend"] |= {
        "coverage": Figure(0.4, 0.4, 0.4, 500),
        "hit@10, items never seen": Figure(0.1, 0.05, 0.2, 60),
    }
    page = evaluation(found).to_html()
    assert "Compared with EASE" in page
    assert "of each person the last event was hidden" in page
    assert "the whole model" in page
    assert "part: likeness of texts" in page
    assert "items never seen (60 people)" in page
    assert "10.0 (5.0 to 20.0)" in page
    assert "share of all items that anybody is recommended at all" in page
    assert "how unlike the texts" not in page  # diversity was not measured
    assert "0.400 (" not in page  # counted, not sampled
