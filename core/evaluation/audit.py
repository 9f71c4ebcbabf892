"""What small changes of the text do to a model's decisions. The caller brings the model; labels stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

import numpy as np

from core.evaluation.intervals import Figure, Share
from core.evaluation.noise import NOISE
from core.evaluation.swaps import swaps
from core.evaluation.wording import Change
from core.outcomes import Labelled, Predict, Prediction, check_paired

Group = Literal["robustness", "counterfactual"]

WORST = 5


@dataclass(frozen=True)
class Flip:
    """A decision that changed with the text. decided, then_decided: None is a refusal"""

    text: str
    changed_text: str
    label: str | None
    decided: str | None
    then_decided: str | None
    confidence: float


@dataclass(frozen=True)
class Probe:
    """One kind of change.

    changed: texts in which there was something to change; everything else here is about these
    flipped: share of decisions that changed;  accuracy_before, accuracy_after: against the rows' labels
    worst: right decisions that became wrong first, then the surest
    """

    kind: str
    group: Group
    changed: int
    flipped: Figure
    accuracy_before: Figure
    accuracy_after: Figure
    worst: tuple[Flip, ...]


@dataclass(frozen=True)
class Audit:
    """probes: in a fixed order;  untouched: kinds for which no text had anything to change"""

    probes: tuple[Probe, ...]
    untouched: tuple[str, ...] = ()


def audit(
    rows: Sequence[Labelled], predict: Predict, seed: int = 7, before: Sequence[Prediction] | None = None
) -> Audit:
    """Change the texts in every known way, and ask the model again.

    The model reads at most 12 times the rows. A text is changed the same way whatever rows stand beside it.

    before: predictions of the unchanged rows, if already made
    raises: Invalid without rows, or when predictions are not one a row

    >>> careless = audit([Labelled("Stop!", "lost")], lambda rows: [Prediction(row.text, 1.0) for row in rows])
    >>> next(probe for probe in careless.probes if probe.kind == "upper case").flipped.value
    1.0
    """
    before = predict(rows) if before is None else before
    check_paired(rows, before)
    kinds: list[tuple[str, Group, Change]] = [(kind, "robustness", change) for kind, change in NOISE.items()]
    kinds += [(kind, "counterfactual", change) for kind, change in swaps(rows).items()]
    probes, untouched = [], []
    for kind, group, change in kinds:
        copies = perturbed(rows, kind, change, seed)
        cases = [case for case in zip(rows, copies, before, strict=True) if case[0] != case[1]]
        if not cases:
            untouched.append(kind)
            continue
        changed = [copy for _, copy, _ in cases]
        after = predict(changed)
        check_paired(changed, after)
        probes.append(_probe(kind, group, cases, after))
    return Audit(tuple(probes), tuple(untouched))


def perturbed(rows: Sequence[Labelled], kind: str, change: Change, seed: int) -> list[Labelled]:
    """A changed copy of each row; a row with nothing to change comes back as it is."""
    return [
        change(row, np.random.default_rng([seed, crc32(kind.encode()), crc32(f"{row.entity}\n{row.text}".encode())]))
        for row in rows
    ]


def _probe(
    kind: str, group: Group, changed: Sequence[tuple[Labelled, Labelled, Prediction]], after: Sequence[Prediction]
) -> Probe:
    """changed: row, changed copy, prediction before"""
    cases = [(row, copy, old, new) for (row, copy, old), new in zip(changed, after, strict=True)]
    flips = [case for case in cases if case[2].label != case[3].label]
    flips.sort(key=lambda case: (case[2].label != case[0].label, -case[3].confidence))
    return Probe(
        kind=kind,
        group=group,
        changed=len(cases),
        flipped=Share(len(flips), len(cases)).figure(),
        accuracy_before=Share(sum(old.label == row.label for row, _, old, _ in cases), len(cases)).figure(),
        accuracy_after=Share(sum(new.label == row.label for row, _, _, new in cases), len(cases)).figure(),
        worst=tuple(
            Flip(row.text, copy.text, row.label, old.label, new.label, new.confidence)
            for row, copy, old, new in flips[:WORST]
        ),
    )
