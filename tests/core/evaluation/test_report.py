"""The report in its three forms."""

import json
import re
from html.parser import HTMLParser

import pytest

from core.evaluation.audit import audit
from core.evaluation.report import Report, build_report
from core.outcomes import Labelled, Prediction
from tests.core.evaluation.made_up import crowd, rows, said

HOSTILE = "<script>alert('x')</script> & \"quoted\" | *bold*"


class Tags(HTMLParser):
    """Which tags a page has, and whether each is closed."""

    EMPTY = frozenset({"meta", "wbr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)


@pytest.fixture(scope="module")
def full() -> Report:
    data, good = crowd(200, 5)
    _, other = crowd(200, 5, right=0.5)
    checked = audit(data, lambda rows: [Prediction(row.text[:2], 0.5) for row in rows])
    return build_report(
        data, good, model="desk@2", baseline="desk@1", baseline_predictions=other, audit=checked, made="2025-03-01"
    )


def test_hostile_text_is_shown_and_never_run():
    data = [Labelled(HOSTILE, HOSTILE, entity=HOSTILE), Labelled("b", None)]
    report = build_report(
        data,
        said("pin", HOSTILE),
        model=HOSTILE,
        title=HOSTILE,
        baseline=HOSTILE,
        baseline_predictions=said(HOSTILE, None),
        audit=audit(data, lambda rows: [Prediction(row.text, 1.0) for row in rows]),
        made=HOSTILE,
    )
    page = report.to_html()
    assert "script" not in Tags(page).seen
    assert "&lt;script&gt;alert(&#x27;x&#x27;)" in page
    assert "<script" not in report.to_markdown()


def test_the_page_fetches_nothing_and_closes_every_tag(full: Report):
    page = full.to_html()
    assert Tags(page).open == []
    assert not re.search(r"https?:|src=|@import|url\(|<link", page)
    assert {"svg", "table", "details"} <= Tags(page).seen


def test_every_form_tells_the_same_accuracy(full: Report):
    accuracy = full.figures["accuracy"].value
    assert json.loads(full.to_json())["figures"]["accuracy"]["value"] == pytest.approx(accuracy, rel=1e-3)
    assert f"| Accuracy | {accuracy:.3f} |" in full.to_markdown()
    assert f'<td class="number">{accuracy:.3f}</td>' in full.to_html()


def test_every_form_gives_the_verdict(full: Report):
    assert full.as_dict()["comparison"]["verdict"] == "better"
    assert "## Compared with desk@1: better" in full.to_markdown()
    assert "<strong>better</strong>" in full.to_html()


def test_the_surest_mistakes_come_first_and_are_no_more_than_25(full: Report):
    sure = [mistake.confidence for mistake in full.mistakes]
    assert sure == sorted(sure, reverse=True)
    assert len(sure) == 25


def test_labels_by_hand():
    report = build_report(rows("fee", "fee", "pin", None), said("fee", "pin", "pin", "pin"), model="m")
    assert [
        (s.label, round(s.precision, 2), s.recall, round(s.f1, 2), s.predicted, s.support) for s in report.labels
    ] == [(None, 0.0, 0.0, 0.0, 0, 1), ("pin", 0.33, 1.0, 0.5, 3, 1), ("fee", 1.0, 0.5, 0.67, 1, 2)]
    assert [(c.label, c.predicted, c.n, c.share) for c in report.confusions] == [
        ("fee", "pin", 1, 0.5),
        (None, "pin", 1, 1.0),
    ]
    assert report.matrix.labels == ("fee", "pin", None)
    assert report.matrix.counts == ((1, 1, 0), (0, 1, 0), (0, 1, 0))
    assert report.matrix.elsewhere == (0, 0, 0)


def test_each_line_of_the_matrix_holds_every_row_of_its_label():
    data, predictions = crowd(500, 40)
    matrix = build_report(data, predictions, model="m", resamples=20).matrix
    assert len(matrix.labels) == 12
    for label, counts, elsewhere in zip(matrix.labels, matrix.counts, matrix.elsewhere, strict=True):
        assert sum(counts) + elsewhere == sum(row.label == label for row in data)


def test_a_perfect_model_gives_a_short_page():
    page = build_report(rows("fee", "pin"), said("fee", "pin"), model="m").to_html()
    assert "Confusions" not in page
    assert "Surest mistakes" not in page


def test_rows_without_any_label_can_be_reported():
    report = build_report(rows(None, None), said(None, "fee"), model="m")
    assert "Reliability" not in report.to_html()
    assert "(out of scope)" in report.to_markdown()
    json.loads(report.to_json())


def test_the_same_rows_have_the_same_fingerprint():
    one, same, other = (build_report(rows(*labels), said("a", "a"), model="m").data for labels in ("ab", "ab", "ba"))
    assert one == same != other
