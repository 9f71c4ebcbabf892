"""What `trivium evaluate` measures: labels, numbers, or what an encoder finds. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.cli.opening import known_task
from core.errors import Invalid
from core.settings import Settings

if TYPE_CHECKING:
    from core.backend.checkpoint import Checkpoint
    from core.backend.classifier import Classifier
    from core.backend.registry import Version
    from core.backend.regressor import Regressor
    from core.evaluation.compare import Verdict
    from core.evaluation.intervals import Figure
    from core.training.pairs import Distinct


class Compared(Protocol):
    """A comparison with another model."""

    @property
    def verdict(self) -> Verdict: ...


class Measured(Protocol):
    """A report. baseline: the model that it was compared with, "" for none"""

    @property
    def model(self) -> str: ...

    @property
    def figures(self) -> Mapping[str, Figure]: ...

    @property
    def baseline(self) -> str: ...

    @property
    def comparison(self) -> Compared | None: ...

    def as_dict(self) -> dict[str, Any]: ...

    def to_markdown(self) -> str: ...

    def to_html(self) -> str: ...


def measure(model: str, data: Sequence[Path], compare: str | None, settings: Settings, *, audit: bool) -> Measured:
    """Measure a version on rows of its own kind. compare: another version of that kind

    raises: Invalid when the rows cannot be read, or a version gives something else
    """
    from core.backend.models import open_registry
    from core.backend.regressor import Regressor
    from core.backend.trained import is_encoder, opened_version

    version = open_registry(settings).open(model)
    if is_encoder(version):
        if audit:
            raise Invalid(f"--audit is for labels, and {version.ref} finds passages", remedy="leave it out")
        return _of_pairs(version, data, compare, settings)
    with opened_version(version, settings) as trained:
        if isinstance(trained, Regressor):
            if audit:
                raise Invalid(f"--audit is for labels, and {trained.ref} gives numbers", remedy="leave it out")
            return _of_numbers(trained, data, compare, settings)
        return _of_labels(trained, data, compare, settings, audit=audit)


def _of_labels(
    classifier: Classifier, data: Sequence[Path], compare: str | None, settings: Settings, *, audit: bool
) -> Measured:
    from core.backend.trained import of_labels, opened_model
    from core.evaluation.audit import audit as run_audit
    from core.evaluation.report import build_report
    from core.training.examples import read_examples

    rows = read_examples(data, known_task(classifier.task)).rows
    predictions = classifier.predict(rows)
    found = run_audit(rows, classifier.predict, before=predictions) if audit else None
    against: dict[str, Any] = {}
    if compare:
        with opened_model(compare, settings) as opened:
            other = of_labels(opened)
            against = {"baseline": other.ref, "baseline_predictions": other.predict(rows)}
    return build_report(rows, predictions, model=classifier.ref, audit=found, **against)


def _of_numbers(regressor: Regressor, data: Sequence[Path], compare: str | None, settings: Settings) -> Measured:
    from core.backend.trained import of_numbers, opened_model
    from core.evaluation.regression_report import build_regression_report
    from core.training.values import read_values

    rows = read_values(data, known_task(regressor.task)).rows
    against: dict[str, Any] = {}
    if compare:
        with opened_model(compare, settings) as opened:
            other = of_numbers(opened)
            against = {"baseline": other.ref, "baseline_said": other.predict(rows)}
    constant = regressor.head.about.mean
    return build_regression_report(rows, regressor.predict(rows), model=regressor.ref, constant=constant, **against)


def _of_pairs(version: Version, data: Sequence[Path], compare: str | None, settings: Settings) -> Measured:
    """Beside another encoder, or the backbone in use where none is named."""
    from core.backend.checkpoint import open_checkpoint
    from core.backend.classifier import backbone_of
    from core.backend.models import open_registry
    from core.backend.trained import is_encoder
    from core.evaluation.ranking_report import Asked, build_ranking_report
    from core.training.pairs import distinct, read_pairs

    pairs = read_pairs(data)
    base = open_checkpoint(settings)
    baseline, other = base.name, base
    if compare:
        against = open_registry(settings).open(compare)
        if not is_encoder(against):
            raise Invalid(f"{against.ref} is no encoder", remedy="name one that was trained to find, or leave it out")
        baseline, other = against.ref, backbone_of(against, base, settings.home)
    texts = distinct(pairs.rows)
    ours, theirs = (_ranked(texts, encoder, settings) for encoder in (backbone_of(version, base, settings.home), other))
    return build_ranking_report(
        [
            Asked(query, frozenset(texts.passages[at] for at in good), tuple(found))
            for query, good, found in zip(texts.queries, texts.good, ours, strict=True)
        ],
        model=version.ref,
        passages=len(texts.passages),
        baseline=baseline,
        baseline_ranked=theirs,
    )


def _ranked(texts: Distinct, checkpoint: Checkpoint, settings: Settings) -> list[list[str]]:
    """returns: the nearest passages of each query, nearest first"""
    from core.backend.open import open_encoder
    from core.evaluation.ranking import nearest

    encoder = open_encoder(settings, checkpoint)
    try:
        ranked = nearest(encoder.encode(texts.queries), encoder.encode(texts.passages))
    finally:
        encoder.close()
    return [[texts.passages[at] for at in row] for row in ranked]
