"""Train the tagger of names and addresses that comes with the package.

python -m benchmarks.privacy_training --data PII/train.jsonl --plain BANKING77/train.jsonl \
    --plain CLINC150/train.jsonl --out core/privacy/shipped

Needs python-crfsuite and Faker (in a clone: `pip install -e '.[privacy-training]'`). Of --data, every third row (2,
5, 8, …, counted from 0) is kept out: `python -m benchmarks.privacy` measures on those. --plain: messages of customers
without personal data; those in which a pattern finds something are left out.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.privacy import held_out
from benchmarks.privacy_training.values import Values, lists_of
from core.privacy.features import Lists, features_of, hashed, words_of
from core.privacy.patterns import find_by_patterns
from core.privacy.spans import Span
from core.privacy.tagger import Tagger, write_tagger

ARTICLES = Path(__file__).parents[2] / "apps" / "customer_service" / "sample" / "knowledge"  # words that are no names
FILLED = 7  # times each row of --data is read with other values
FILLED_LONG = 2
LONG = 160  # characters
CHAT_FILLED = 12
PLAIN = 1_000  # messages of each file of --plain
LISTS_OFF = 0.35  # share of the sentences that are read without the lists, so that names on none are found too
COMMON_FROM = 3  # occurrences of a word in texts without names
LEARNED = frozenset(
    "PERSON STREET_ADDRESS DATE_TIME PHONE_NUMBER ZIP_CODE AGE ID GPE ORGANIZATION".split()
)  # the rest prove themselves by their form; the last two are learned so as not to be taken for names


@dataclass(frozen=True)
class Marked:
    """A text and the stretches that the tagger is to learn."""

    text: str
    spans: tuple[Span, ...] = ()


def read_marked(path: Path) -> list[Marked]:
    """Rows of "text" and "spans": [{"type", "start", "end"}]."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Marked(row["text"], tuple(sorted(Span(s["start"], s["end"], s["type"]) for s in row["spans"]))) for row in rows
    ]


def refilled(row: Marked, values: Values) -> Marked:
    """The same sentence about somebody else."""
    text, at, spans = "", 0, []
    for span in row.spans:
        text += row.text[at : span.start]
        value = values.like(span.type, row.text[span.start : span.end])
        spans.append(Span(len(text), len(text) + len(value), span.type))
        text, at = text + value, span.end
    return Marked(text + row.text[at:], tuple(spans))


def filled(template: str, values: Values) -> Marked:
    """A message of our own with values in its places."""
    text, spans = "", []
    for part in re.split(r"(\{-?\w+\})", template.replace("\\n", "\n")):
        if not part.startswith("{"):
            text += part
            continue
        kind = part.strip("{}-")
        value = values.draw(kind)
        if not part.startswith("{-"):
            spans.append(
                Span(len(text), len(text) + len(value), {"GIVEN": "PERSON", "FAMILY": "PERSON"}.get(kind, kind))
            )
        text += value
    return Marked(text, tuple(spans))


def recased(row: Marked, chance: random.Random, quiet: float) -> Marked:
    """Sometimes all small, all large, with a capital at the start, or at each word. quiet: share of all small"""
    drawn = chance.random()
    text = row.text
    if drawn < quiet:
        text = text.lower()
    elif drawn < quiet + 0.04:
        text = text.upper()
    elif drawn < quiet + 0.2:
        text = text[:1].upper() + text[1:]
    elif drawn < quiet + 0.3 and not row.spans:
        text = re.sub(r"\b[a-z]", lambda letter: letter.group().upper(), text)  # as buttons and subjects are written
    return Marked(text, row.spans) if len(text) == len(row.text) else row


def plain_messages(path: Path, chance: random.Random) -> list[Marked]:
    """Messages in which no pattern finds anything."""
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    chance.shuffle(texts)
    kept: list[Marked] = []
    for text in texts:
        if not find_by_patterns(text) and not re.search(r"\bname|\bcall(?:ed)?\b|day\b", text, re.IGNORECASE):
            kept.append(Marked(text))
        if len(kept) == PLAIN:
            break
    return kept


def gathered(data: Sequence[Marked], plain: Sequence[Marked], values: Values) -> list[Marked]:
    """All that is learned from, in an order drawn by chance."""
    chance = values.chance
    lines = (Path(__file__).parent / "messages.txt").read_text(encoding="utf-8").splitlines()
    templates = [line for line in lines if line and not line.startswith("#")]
    rows = [recased(row, chance, 0.0) for row in data for _ in range(2)]
    rows += [
        recased(refilled(row, values), chance, 0.12)
        for row in data
        if row.spans
        for _ in range(FILLED if len(row.text) < LONG else FILLED_LONG)
    ]
    rows += [
        recased(filled(line, values), chance, 0.4)
        for line in templates
        for _ in range(CHAT_FILLED if "{" in line else CHAT_FILLED // 3)
    ]
    rows += [recased(row, chance, 0.3) for row in plain]
    chance.shuffle(rows)
    return rows


def tags_of(text: str, spans: Iterable[Span]) -> list[str]:
    """One tag a word. A word that only partly belongs to a span belongs to it."""
    tags: list[str] = []
    ordered, last = sorted(spans), None
    for word in words_of(text):
        span = next((span for span in ordered if span.start < word.end and word.start < span.end), None)
        tags.append("O" if span is None or span.type not in LEARNED else ("I-" if span is last else "B-") + span.type)
        last = span
    return tags


def train(rows: Sequence[Marked], lists: Lists, chance: random.Random, options: dict[str, Any]) -> Tagger:
    """Fit a conditional random field with CRFsuite and take its weights out."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for row in rows:
        seen = Lists() if chance.random() < LISTS_OFF else lists
        features = features_of(row.text, words_of(row.text), find_by_patterns(row.text), seen)
        codes = [[str(hashed(feature)) for feature in at_word] for at_word in features]  # in use only hashes are known
        trainer.append(codes, tags_of(row.text, row.spans))
    trainer.set_params(options)
    with tempfile.NamedTemporaryFile(suffix=".crfsuite") as file:
        trainer.train(file.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        known = tagger.info()
    labels = sorted(known.labels)
    at = {label: number for number, label in enumerate(labels)}
    rows_of: dict[int, int] = {}
    triples = []
    for (feature, label), weight in known.state_features.items():
        triples.append((rows_of.setdefault(int(feature), len(rows_of)), at[label], weight))
    weights = np.zeros((len(rows_of), len(labels)), dtype=np.float32)
    for row_at, label_at, weight in triples:
        weights[row_at, label_at] += weight
    steps = np.zeros((len(labels), len(labels)), dtype=np.float32)
    for (before, after), weight in known.transitions.items():
        steps[at[before], at[after]] = weight
    for label in labels:  # what never stood in the data is not said: an "I-" behind another type
        if label.startswith("I-"):
            for before in labels:
                if before[2:] != label[2:]:
                    steps[at[before], at[label]] = -1e4
    return Tagger(tuple(labels), rows_of, weights, steps, lists)


def common_words(rows: Iterable[Marked], chat: Iterable[str]) -> Iterator[str]:
    """Words that stand in texts outside of names, often enough."""
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(word.text.lower() for word in words_of(row.text) if word.text.isalpha())
    for line in chat:
        counts.update({word.lower(): COMMON_FROM for word in re.findall(r"[^\W\d_]+", re.sub(r"\{.*?\}", "", line))})
    return (word for word, count in counts.items() if count >= COMMON_FROM)


def main(arguments: Sequence[str]) -> None:
    """Write the weights."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", required=True, type=Path)
    asked.add_argument("--plain", action="append", default=[], type=Path)
    asked.add_argument("--out", required=True, type=Path)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--c1", type=float, default=0.15, help="weight of the L1 penalty: makes most weights nought")
    asked.add_argument("--c2", type=float, default=0.02, help="weight of the L2 penalty")
    asked.add_argument("--iterations", type=int, default=50)
    chosen = asked.parse_args(arguments)
    values = Values(chosen.seed)
    data = [row for at, row in enumerate(read_marked(chosen.data)) if not held_out(at)]
    plain = [row for path in chosen.plain for row in plain_messages(path, values.chance)]
    chat = (Path(__file__).parent / "messages.txt").read_text(encoding="utf-8").splitlines()
    articles = [Marked(file.read_text(encoding="utf-8")) for file in sorted(ARTICLES.rglob("*.md"))]
    lists = lists_of(common_words([*plain, *articles], [line for line in chat if not line.startswith("#")]))
    rows = gathered(data, plain, values)
    print(f"{len(rows)} texts, {sum(len(row.spans) for row in rows)} spans", file=sys.stderr)
    options = {"c1": chosen.c1, "c2": chosen.c2, "max_iterations": chosen.iterations}
    tagger = train(rows, lists, values.chance, options)
    chosen.out.mkdir(parents=True, exist_ok=True)
    write_tagger(chosen.out, tagger)
    card = {
        "texts": len(rows),
        "spans": sum(len(row.spans) for row in rows),
        "features": len(tagger.rows),
        "data": [
            {"name": f"{path.parent.name}/{path.name}", "sha256": sha256(path)} for path in (chosen.data, *chosen.plain)
        ],
        "options": options,
        "seed": chosen.seed,
        "held_out": "rows 2, 5, 8, … of the first file",
        "versions": {name: version(name) for name in ("Faker", "python-crfsuite")},
        "tagger_sha256": sha256(chosen.out / "tagger.safetensors"),
    }
    (chosen.out / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(card, ensure_ascii=False))


def sha256(path: Path) -> str:
    """returns: hexadecimal"""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:])
