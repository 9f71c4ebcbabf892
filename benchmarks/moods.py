"""How well a model reads moods, on parts of public data sets that it was not trained on, beside words alone.

python -m benchmarks.moods PARTS --phrasebank fpb/train.jsonl --model market-mood

PARTS: what `python -m benchmarks.mood_rows` wrote. Beside the model stands logistic regression over words and pairs of
words (TF-IDF), trained on PARTS/train.jsonl. Phrases of --phrasebank are read by both, and trained on by neither.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.backend.head import written
from core.backend.serving import opened_classifier
from core.evaluation.classification import measure
from core.evaluation.intervals import Figure
from core.outcomes import Labelled, Prediction
from core.settings import read_settings
from core.tasks import find_task
from core.training.examples import read_examples

FIGURES = ("accuracy", "macro_f1", "weighted_f1", "calibration_error")
LABELS = ("negative", "neutral", "positive")


def rows_of(path: Path) -> list[Labelled]:
    """The rows of a file of moods, in order."""
    return list(read_examples([path], find_task("sentiment")).rows)


def conflicting(rows: Sequence[Labelled]) -> list[int]:
    """Places of rows whose headline holds different moods towards different companies.

    >>> conflicting([Labelled("A up, B down", "positive", "A"), Labelled("A up, B down", "negative", "B")])
    [0, 1]
    """
    labels = defaultdict(set)
    for row in rows:
        labels[row.text].add(row.label)
    return [at for at, row in enumerate(rows) if len(labels[row.text]) > 1]


def by_words(train: Sequence[Labelled], tests: Mapping[str, Sequence[Labelled]]) -> dict[str, list[Prediction]]:
    """What logistic regression over TF-IDF says, with the entity marked as the model reads it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"\w+|[\[\]]"),
        LogisticRegression(C=10, max_iter=2_000),
    )
    words.fit([written(row) for row in train], [row.label for row in train])
    said = {}
    for name, rows in tests.items():
        chances = words.predict_proba([written(row) for row in rows])
        said[name] = [
            Prediction(str(words.classes_[row.argmax()]), float(row.max()), dict(zip(words.classes_, row, strict=True)))
            for row in chances
        ]
    return said


def figures(rows: Sequence[Labelled], said: Sequence[Prediction]) -> dict[str, Figure]:
    """Of the likeliest labels, whether or not they would be told."""
    decided = [Prediction(one.most_probable()[0], one.most_probable()[1], one.probabilities) for one in said]
    return measure(rows, decided)


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", type=Path)
    parser.add_argument("--phrasebank", type=Path)
    parser.add_argument("--model", default="market-mood")
    asked = parser.parse_args(arguments)
    tests = {name: rows_of(asked.parts / f"{name}.jsonl") for name in ("sentfin", "tfns")}
    if asked.phrasebank:
        tests["phrasebank"] = rows_of(asked.phrasebank)
    said: dict[str, dict[str, list[Prediction]]] = {"TF-IDF": by_words(rows_of(asked.parts / "train.jsonl"), tests)}
    with opened_classifier(asked.model, read_settings()) as classifier:
        said[classifier.ref] = {name: classifier.predict(rows) for name, rows in tests.items()}
    for name, rows in tests.items():
        parts = {name: list(range(len(rows)))}
        if apart := conflicting(rows):
            parts[f"{name}, moods in conflict"] = apart
        for title, places in parts.items():
            for reader, answers in said.items():
                found = figures([rows[at] for at in places], [answers[name][at] for at in places])
                told = "  ".join(
                    f"{key} {found[key].value:.3f} [{found[key].low:.3f}, {found[key].high:.3f}]" for key in FIGURES
                )
                print(f"{title:<32} {reader:<16} n = {len(places):<5} {told}")


if __name__ == "__main__":
    main(sys.argv[1:])
