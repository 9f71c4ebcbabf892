"""The data sets of moods, split by headline: what the shipped model learns from, is calibrated on and is measured on.

python -m benchmarks.mood_rows DATA FOLDER
python -m benchmarks.mood_rows DATA FOLDER --besides

DATA: the folder that holds sentfin/train.jsonl, tfns/train.jsonl and finentity/train.jsonl. FOLDER then holds
train.jsonl, valid.jsonl (a twentieth, to calibrate on), sentfin.jsonl and tfns.jsonl (a fifth, never trained on).
A headline is in one part with all the companies that it names, by the digest of its text. With --besides there is more
to be learned from: every second headline of one mood without naming a company, since many texts are read for
themselves, and statements that were written for this project (benchmarks/mood_statements.py). The shipped model is the
mean of trainings with and without these (docs/benchmarks.md).
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import mood_statements as statements
from core.rows import read_rows
from core.writing import write_lines

MEASURED = ("sentfin", "tfns")
LEARNED = ("finentity",)  # too small to be measured on as well
TWENTIETHS = 20

Row = Mapping[str, Any]


def part_of(text: str) -> str:
    """Where a text belongs: "test", "valid" or "train".

    >>> [part_of(text) for text in ("Acme falls", "Acme rises")]
    ['train', 'train']
    """
    number = int(hashlib.sha256(text.strip().lower().encode()).hexdigest(), 16)
    if number % 5 == 0:
        return "test"
    return "valid" if number % TWENTIETHS == 1 else "train"


def rows_of(data: Path, name: str) -> Iterator[Row]:
    """Rows of a data set with what a training needs of them."""
    for row in read_rows(data / name / "train.jsonl"):
        yield {key: row.fields[key] for key in ("text", "entity", "label") if row.fields.get(key)}


def for_themselves(rows: Sequence[Row]) -> Iterator[Row]:
    """Every second headline whose companies all have one mood, without a company.

    >>> [dict(row) for row in for_themselves([{"text": "Acme falls", "entity": "Acme", "label": "negative"}])]
    [{'text': 'Acme falls', 'label': 'negative'}]
    """
    moods: dict[str, set[str]] = {}
    for row in rows:
        if row.get("entity"):
            moods.setdefault(row["text"], set()).add(row["label"])
    for text, labels in moods.items():
        if len(labels) == 1 and int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2:
            yield {"text": text, "label": min(labels)}


def main(arguments: Sequence[str]) -> None:
    """Write the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--besides", action="store_true")
    asked = parser.parse_args(arguments)
    data, folder = asked.data, asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Row]] = {"train": [], "valid": []}
    for name in (*MEASURED, *LEARNED):
        for row in rows_of(data, name):
            part = part_of(str(row["text"]))
            if name in LEARNED:
                parts["train" if part == "test" else part].append(row)
            else:
                parts.setdefault(name if part == "test" else part, []).append(row)
    if asked.besides:
        parts["train"] += [*for_themselves(parts["train"]), *statements.rows()]
    for name, rows in parts.items():
        write_lines(folder / f"{name}.jsonl", [json.dumps(row, ensure_ascii=False) for row in rows])
        print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main(sys.argv[1:])
