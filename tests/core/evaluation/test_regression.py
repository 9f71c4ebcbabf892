"""Figures of numbers: against scikit-learn and scipy, by hand, and where they have no meaning."""

import json

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from core.errors import TriviumError
from core.evaluation.regression import compare_errors, coverage, measure_regression
from core.evaluation.regression_report import build_regression_report
from core.outcomes import Estimate, Valued

CHANCE = np.random.default_rng(5)
TRUTH = CHANCE.integers(0, 11, size=80).astype(float)  # with ties
SAID = TRUTH + CHANCE.normal(size=80).round(1)


def test_figures_are_those_of_the_known_libraries():
    figures = measure_regression(TRUTH, SAID, constant=4.0)
    known = {
        "mae": mean_absolute_error(TRUTH, SAID),
        "rmse": root_mean_squared_error(TRUTH, SAID),
        "r2": r2_score(TRUTH, SAID),
        "spearman": spearmanr(TRUTH, SAID).statistic,
        "mae_of_the_mean": np.abs(TRUTH - 4).mean(),
    }
    assert {name: figure.value for name, figure in figures.items()} == pytest.approx(known)
    assert list(figures) == list(known)
    assert all(figure.low < figure.value < figure.high and figure.n == 80 for figure in figures.values())


def test_the_bootstrap_of_a_mean_is_as_wide_as_its_standard_error():
    figure = measure_regression(TRUTH, SAID, constant=0.0, resamples=4_000)["mae"]
    error = np.abs(TRUTH - SAID).std() / np.sqrt(80)
    assert (figure.high - figure.low) / (2 * 1.96) == pytest.approx(error, rel=0.05)


@pytest.mark.parametrize(
    ("truth", "said", "left"),
    [
        ([3.1] * 9, np.arange(9.0), {"mae", "rmse", "mae_of_the_mean"}),
        (np.arange(9.0), [3.1] * 9, {"mae", "rmse", "r2", "mae_of_the_mean"}),
        # of which many a resample is all 5
        ([5.0] * 8 + [1.0], np.arange(9.0), {"mae", "rmse", "r2", "spearman", "mae_of_the_mean"}),
    ],
)
def test_a_figure_without_meaning_is_left_out(truth, said, left: set[str]):
    figures = measure_regression(np.array(truth), np.array(said), constant=3.0)
    assert figures.keys() == left
    assert all(np.isfinite([figure.low, figure.value, figure.high]).all() for figure in figures.values())


def test_saying_the_mean_explains_nothing():
    assert measure_regression(TRUTH, np.full(80, TRUTH.mean()), constant=0.0)["r2"].value == pytest.approx(0)


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        (SAID, SAID + 2, "better"),
        (SAID + 2, SAID, "worse"),
        (SAID, SAID, "no difference that can be told from chance"),
    ],
)
def test_two_models_are_compared_by_their_errors(ours, theirs, verdict: str):
    found = compare_errors(TRUTH, ours, theirs)
    assert found.verdict == verdict
    assert found.mae.low <= found.mae.value <= found.mae.high


def test_coverage_counts_the_rows_inside():
    said = [Estimate(0, -1, 1), Estimate(5, 4, 6), Estimate(9, 8, 10)]
    assert coverage(np.array([1.0, 6.5, 8.0]), said).value == pytest.approx(2 / 3)


def test_a_report_holds_the_largest_errors_and_escapes_texts():
    rows = [Valued("<b>μέτριο</b>", 2.0), Valued("جيد | 好", 9.0, "😀")]
    said = [Estimate(2.5, 1.5, 3.5), Estimate(4.0, 3.0, 5.0)]
    report = build_regression_report(
        rows, said, model="stars@2", constant=5.0, baseline="stars@1", baseline_said=said[::-1]
    )
    page, text = report.to_html(), report.to_markdown()
    assert page.index("جيد | 好") < page.index("&lt;b&gt;μέτριο&lt;/b&gt;")
    assert "😀" in page
    assert "Compared with stars@1" in page
    assert "| جيد \\| 好 | 9 | 4 | 3 to 5 |" in text
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert plain["figures"]["interval_coverage"]["value"] == 0.5
    assert plain["comparison"]["mae"]["candidate"] == 2.75
    with pytest.raises(TriviumError, match="2 rows but 1 predictions"):
        build_regression_report(rows, said[:1], model="stars@2", constant=5.0)
