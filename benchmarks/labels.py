"""How good `trivium train intent` is with its defaults, against logistic regression on the untrained backbone.

python -m benchmarks.labels --train train.jsonl --test valid.jsonl
python -m benchmarks.labels --train train.jsonl --valid one.jsonl --test other.jsonl
python -m benchmarks.labels --train train.jsonl --strange 0.33
python -m benchmarks.labels --train few_shot_10.jsonl --test valid.jsonl --set agreement=4

Texts that stand in the test file are taken out of the training file, and how many is said. With --strange there is no
test file: that share of the labels is unknown in training, and their rows are out of scope in the test, together with
three tenths of the other rows; nothing out of scope is shown to the training.
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.backend.checkpoint import open_checkpoint
from core.backend.open import open_encoder
from core.backend.serving import opened_classifier
from core.cli.training import recipe_values
from core.errors import Invalid
from core.evaluation.classification import measure
from core.evaluation.compare import compare
from core.outcomes import Labelled, Prediction
from core.settings import Settings, read_settings
from core.tasks import find_task
from core.training.command import Order, run
from core.training.examples import read_examples
from core.writing import write_lines

TEST_SHARE = 0.3
C = 30.0  # of the logistic regression: the best of 10, 30, 100 on ten examples a label
NAME = "measured"
SERVED: dict[str, dict[str, Any]] = {
    "as served": {},
    "bf16": {"runtime": "torch", "precision": "bf16"},
    "int8": {"runtime": "openvino", "precision": "int8"},
}


@dataclass(frozen=True)
class Parts:
    """Rows to learn from and to measure with. overlapping: rows of the latter that were left out of the former"""

    train: list[Labelled]
    test: list[Labelled]
    overlapping: int = 0


def normal(text: str) -> str:
    """A text as it is compared: letters and figures only, in small.

    >>> normal("Where's my card?")
    'wheresmycard'
    """
    return re.sub(r"[\W_]+", "", text.lower())


def apart(train: Sequence[Labelled], test: Sequence[Labelled]) -> Parts:
    """Leave out of training what stands in the test."""
    tested = {normal(row.text) for row in test}
    kept = [row for row in train if normal(row.text) not in tested]
    return Parts(kept, list(test), len(train) - len(kept))


def with_strangers(rows: Sequence[Labelled], share: float, seed: int) -> Parts:
    """Make some labels unknown, and hold out some rows of the others."""
    chance = random.Random(seed)
    labels = sorted({row.label for row in rows if row.label is not None})
    unknown = set(chance.sample(labels, max(1, round(share * len(labels)))))
    known = [row for row in rows if row.label is not None and row.label not in unknown]
    held = set(chance.sample(range(len(known)), round(TEST_SHARE * len(known))))
    train = [row for at, row in enumerate(known) if at not in held]
    learned = {row.label for row in train}
    test = [row for at, row in enumerate(known) if at in held and row.label in learned]
    return apart(train, test + [Labelled(row.text, None) for row in rows if row.label in unknown])


def baseline(parts: Parts, settings: Settings) -> list[Prediction]:
    """Logistic regression on the vectors of the untrained backbone; it never refuses."""
    from sklearn.linear_model import LogisticRegression

    inside = [row for row in parts.train if row.label is not None]
    encoder = open_encoder(settings, open_checkpoint(settings))
    try:
        vectors = encoder.encode([row.text for row in inside])
        tested = encoder.encode([row.text for row in parts.test])
    finally:
        encoder.close()
    model = LogisticRegression(C=C, max_iter=1_000).fit(vectors, [row.label for row in inside])
    return [
        Prediction(str(label), float(row.max()), dict(zip(map(str, model.classes_), row.tolist(), strict=True)))
        for label, row in zip(model.predict(tested), model.predict_proba(tested), strict=True)
    ]


def predicted(model: str, parts: Parts, settings: Settings, **update: Any) -> list[Prediction]:
    """What a version says of the test."""
    with opened_classifier(model, settings.model_copy(update=update)) as classifier:
        return classifier.predict(parts.test)


def answered(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The same without refusing."""
    return [Prediction(*p.most_probable(), p.probabilities) for p in predictions]


def study(parts: Parts, valid: Sequence[Path], settings: Settings, options: Mapping[str, Any]) -> dict[str, Any]:
    """Train, predict as served and in other precisions, compare."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        file = folder / "train.jsonl"
        write_lines(file, [json.dumps({"text": row.text, "label": row.label}) for row in parts.train])
        order = Order(task="intent", data=[file], valid=valid, name=NAME, chosen=dict(options))
        told = run(order, settings, _say, lambda _, __: None)
    found = {kind: predicted(told["model"], parts, settings, **update) for kind, update in SERVED.items()}
    exact, said = predicted(told["model"], parts, settings, runtime="torch", precision="f32"), found["as served"]
    plain = baseline(parts, settings.model_copy(update={"precision": "f32"}))
    inside = [at for at, row in enumerate(parts.test) if row.label is not None]
    rows = [parts.test[at] for at in inside]
    never_silent = answered([said[at] for at in inside])
    against = compare(rows, never_silent, [plain[at] for at in inside])
    lost = {kind: compare(parts.test, exact, other).accuracy.value for kind, other in found.items()}
    figures = {
        **{name: figure.as_dict() for name, figure in measure(parts.test, said).items()},
        "accuracy_without_refusing": measure(rows, never_silent)["accuracy"].as_dict(),
        "baseline_accuracy": measure(rows, [plain[at] for at in inside])["accuracy"].as_dict(),
        "refused_in_scope": float(np.mean([said[at].label is None for at in inside])),
    }
    return {
        "train_rows": len(parts.train),
        "left_out_of_training": parts.overlapping,
        "seconds": told["seconds"],
        "figures": figures,
        "over_baseline": against.verdict,
        "p": against.mcnemar_p,
        "accuracy_lost_against_fp32": {kind: round(value, 4) for kind, value in lost.items()},
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--train", required=True, type=Path)
    asked.add_argument("--test", type=Path)
    asked.add_argument("--valid", type=Path)
    asked.add_argument("--strange", type=float, default=0.0)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--epochs", type=int)
    asked.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="as in `trivium train`")
    chosen = asked.parse_args(arguments)
    task = find_task("intent")
    rows = list(read_examples([chosen.train], task).rows)
    if (chosen.test is None) == (not chosen.strange):
        raise Invalid("there must be either a test file or strange labels", remedy="give --test or --strange")
    if chosen.test is not None:
        parts = apart(rows, read_examples([chosen.test], task).rows)
    else:
        parts = with_strangers(rows, chosen.strange, chosen.seed)
    options = {**recipe_values(chosen.set), "seed": chosen.seed, "epochs": chosen.epochs}
    found = study(parts, [chosen.valid] if chosen.valid else [], read_settings(), options)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
