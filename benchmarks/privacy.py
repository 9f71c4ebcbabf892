"""How well personal data is found, against patterns alone on the same texts.

python -m benchmarks.privacy --data FOLDER
python -m benchmarks.privacy --written

FOLDER holds JSON Lines of `"text"` and `"spans": [{"type", "start", "end"}]` (characters, end exclusive): test.jsonl,
or else train.jsonl, of which the third is measured that the shipped weights were not trained on (rows 2, 5, 8, …,
counted from 0). Types measured: name, e-mail, phone, card, IBAN, URL, IP, social security number, street address, date;
others are ignored on both sides. --written: the messages of tests/core/privacy/messages.py that report, all types.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.evaluation.spans import Marks, Match, measure_spans
from core.privacy import TYPES, Span, find
from core.privacy.patterns import find_by_patterns
from core.rows import read_rows

HELD_OUT_OF = 3
MEASURED = (
    "PERSON EMAIL_ADDRESS PHONE_NUMBER CREDIT_CARD IBAN_CODE DOMAIN_NAME IP_ADDRESS US_SSN STREET_ADDRESS DATE_TIME"
).split()
MATCHES: tuple[Match, ...] = ("exact", "overlap")


def held_out(position: int) -> bool:
    """Whether a row of train.jsonl, counted from 0, is measured with and was not trained on."""
    return position % HELD_OUT_OF == HELD_OUT_OF - 1


def read_marked(file: Path) -> list[tuple[str, Marks]]:
    """Texts and what is marked in them."""
    rows = (row.fields for row in read_rows(file))
    return [(row["text"], [(span["start"], span["end"], span["type"]) for span in row["spans"]]) for row in rows]


def texts_of(folder: Path) -> list[tuple[str, Marks]]:
    """What is measured on."""
    if (folder / "test.jsonl").is_file():
        return read_marked(folder / "test.jsonl")
    return [row for at, row in enumerate(read_marked(folder / "train.jsonl")) if held_out(at)]


def study(rows: Sequence[tuple[str, Marks]], types: Sequence[str] = MEASURED) -> dict[str, Any]:
    """Figures of ours and of patterns alone, with both ways of matching, and the time that a text takes."""
    finders: dict[str, Callable[[str], Sequence[Span]]] = {"shipped": find, "patterns_only": find_by_patterns}
    report: dict[str, Any] = {"texts": len(rows), "types": list(types)}
    for name, finder in finders.items():
        finder(rows[0][0])  # weights are read here, once
        said: list[Marks] = []
        seconds: list[float] = []
        for text, _ in rows:
            began = time.perf_counter()
            spans = finder(text)
            seconds.append(time.perf_counter() - began)
            said.append([(span.start, span.end, span.type) for span in spans])
        report[name] = {
            "ms_median": round(1_000 * statistics.median(seconds), 3),
            "ms_most": round(1_000 * max(seconds), 3),
        }
        for match in MATCHES:
            figures = measure_spans([marks for _, marks in rows], said, types, match)
            report[name][match] = {kind: found.as_dict() for kind, found in figures.items()}
    return report


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = asked.add_mutually_exclusive_group(required=True)
    which.add_argument("--data", type=Path)
    which.add_argument("--written", action="store_true")
    chosen = asked.parse_args(arguments)
    if chosen.written:
        from tests.core.privacy.messages import to_report

        print(json.dumps(study(to_report(), sorted(TYPES))))
    else:
        print(json.dumps(study(texts_of(chosen.data))))


if __name__ == "__main__":
    main(sys.argv[1:])
