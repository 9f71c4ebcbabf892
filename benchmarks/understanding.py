"""How well the desk tells what a message is, its language, and the questions in it.

python -m benchmarks.understanding

python -m benchmarks.understanding --labelled valid.jsonl --small-talk greeting,thank_you,goodbye

The written sets stand in tests/apps/customer_service, parted by a fixed seed as in benchmarks/safety.py: rules were
written with one half in view, the figures of the other half are the ones to publish. Baselines of the same run: every
message a question, every message English, a cut after every question mark.
Messages that others wrote and labelled tell how much small talk is not in our lists, and how many questions are lost.
"""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from apps.customer_service.pipeline.understanding import understand
from benchmarks.safety import Row, halves, line, read

SETS = Path(__file__).parents[1] / "tests" / "apps" / "customer_service"


def is_split_right(row: Row, parts: Sequence[str]) -> bool:
    """As many parts as there are questions, and each holds the words that its question needs to stand alone."""
    return len(parts) == len(row["parts"]) and all(
        all(word.lower() in part.lower() for word in words) for part, words in zip(parts, row["parts"], strict=True)
    )


def cut_at_marks(text: str) -> tuple[str, ...]:
    """The baseline."""
    return tuple(part for part in re.split(r"(?<=\?)\s+", text.strip()) if part)


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print what went wrong in the half that rules see")
    parser.add_argument("--labelled", type=Path, help='further rows of "text" and "label" (.jsonl)')
    parser.add_argument("--small-talk", default="", help="labels in that file that are small talk, parted by commas")
    given = parser.parse_args(arguments)
    messages, questions = (halves(read(SETS / f"{name}.jsonl")) for name in ("messages", "split"))
    judges: list[tuple[str, Callable[[Row], bool]]] = [
        ("kind of message right", lambda row: understand(row["text"]).kind == row["kind"]),
        ("  baseline: always a question", lambda row: bool(row["kind"] == "question")),
        ("language right", lambda row: understand(row["text"]).language == row["language"]),
        ("  baseline: always English", lambda row: bool(row["language"] == "en")),
    ]
    for name, at in (("held out", 1), ("seen while writing", 0)):
        print(f"-- {name}")
        for what, judge in judges:
            print(line(what, messages[at], judge))
        for kind in ("question", "small_talk", "human"):
            print(line(f"  {kind} found", [row for row in messages[at] if row["kind"] == kind], judges[0][1]))
        searched = [row for row in messages[at] if row["kind"] == "question"]
        print(line("  question taken for something else", searched, lambda row: not judges[0][1](row)))
        wrong = [row for row in messages[at] if row["language"] != "unknown"]
        print(line("  wrong language, not unknown", wrong, _wrong_language))
        print(line("split right", questions[at], lambda row: is_split_right(row, understand(row["text"]).parts)))
        print(line("  baseline: cut at ?", questions[at], lambda row: is_split_right(row, cut_at_marks(row["text"]))))
        single = [row for row in questions[at] if len(row["parts"]) == 1]
        print(line("  single question cut", single, lambda row: len(understand(row["text"]).parts) > 1))
    if given.labelled:
        rows, small = read(given.labelled), set(given.small_talk.split(","))
        print(f"-- {given.labelled.parent.name}/{given.labelled.name}")
        talk = [row for row in rows if row["label"] in small]
        print(line("small talk found", talk, lambda row: understand(row["text"]).kind == "small_talk"))
        rest = [row for row in rows if row["label"] not in small]
        print(line("other taken for small talk", rest, lambda row: understand(row["text"]).kind == "small_talk"))
        print(line("other taken for the wish for a person", rest, lambda row: understand(row["text"]).kind == "human"))
        print(line("  for one of both", rest, lambda row: understand(row["text"]).kind in {"small_talk", "human"}))
        print(line("other cut into several", rest, lambda row: len(understand(row["text"]).parts) > 1))
    if given.show:
        for row in messages[0]:
            found = understand(row["text"])
            if (found.kind, found.language) != (row["kind"], row["language"]):
                print(row["id"], ascii(row["text"]), found.kind, found.language)
        for row in questions[0]:
            if not is_split_right(row, parts := understand(row["text"]).parts):
                print(row["id"], parts)


def _wrong_language(row: Row) -> bool:
    return understand(row["text"]).language not in {row["language"], "unknown"}


if __name__ == "__main__":
    main(sys.argv[1:])
