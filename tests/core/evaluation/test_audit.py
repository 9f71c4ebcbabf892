"""The audit: flips and accuracies of models whose faults are known."""

from collections.abc import Sequence

import pytest

from core.errors import Invalid
from core.evaluation.audit import Audit, Probe, audit
from core.evaluation.noise import NOISE
from core.outcomes import Labelled, Prediction

ROWS = [
    Labelled("He lost a card near the station.", "lost"),
    Labelled("What does a card cost?", "fee"),
    Labelled("Olga pays £5.", "fee"),
]


def probe(found: Audit, kind: str) -> Probe:
    return next(probe for probe in found.probes if probe.kind == kind)


def steady(rows: Sequence[Labelled]) -> list[Prediction]:
    return [Prediction("fee", 0.5) for _ in rows]


def test_a_model_that_never_listens_never_flips():
    found = audit(ROWS, steady)
    assert {probe.flipped.value for probe in found.probes} == {0.0}
    assert all(probe.worst == () for probe in found.probes)
    assert found.untouched == ()


def test_a_model_that_listens_for_he_is_caught():
    def listens_for_he(rows: Sequence[Labelled]) -> list[Prediction]:
        return [Prediction("lost" if row.text.startswith("He ") else "fee", 0.8) for row in rows]

    found = probe(audit(ROWS, listens_for_he), "gender swapped")
    assert (found.group, found.changed, found.flipped.value) == ("counterfactual", 1, 1.0)
    assert (found.accuracy_before.value, found.accuracy_after.value) == (1.0, 0.0)
    [flip] = found.worst
    assert (flip.decided, flip.then_decided, flip.changed_text[:4]) == ("lost", "fee", "She ")


def test_only_changed_texts_are_counted_and_asked_about():
    asked: list[int] = []

    def counting(rows: Sequence[Labelled]) -> list[Prediction]:
        asked.append(len(rows))
        return steady(rows)

    found = audit(ROWS, counting, before=steady(ROWS))
    assert asked == [probe.changed for probe in found.probes]
    assert probe(found, "given names swapped").changed == 1
    assert probe(found, "upper case").changed == 3


def test_kinds_with_nothing_to_change_are_named():
    found = audit([Labelled("ok", "fine")], steady)
    assert set(found.untouched) >= {"gender swapped", "numbers changed", "given names swapped", "letter dropped"}
    assert {probe.kind for probe in found.probes} | set(found.untouched) >= set(NOISE)


def test_right_decisions_that_became_wrong_come_first():
    rows = [Labelled("was wrong before", "fee"), Labelled("was right before", "lost")]

    def shouting(rows: Sequence[Labelled]) -> list[Prediction]:
        sure = {"WAS WRONG BEFORE": 0.99, "WAS RIGHT BEFORE": 0.4}
        return [Prediction("other" if row.text.isupper() else "lost", sure.get(row.text, 0.5)) for row in rows]

    assert [flip.text for flip in probe(audit(rows, shouting), "upper case").worst] == [
        "was right before",
        "was wrong before",
    ]


def test_a_text_changes_the_same_way_in_any_company():
    texts: list[str] = []

    def noting(rows: Sequence[Labelled]) -> list[Prediction]:
        texts.extend(row.text for row in rows)
        return steady(rows)

    audit(ROWS[:1], noting)
    alone = set(texts)
    texts.clear()
    audit(ROWS[::-1], noting)
    assert alone <= set(texts)


def test_a_model_that_skips_rows_is_told():
    with pytest.raises(Invalid, match="predictions"):
        audit(ROWS, lambda rows: steady(rows)[1:])
