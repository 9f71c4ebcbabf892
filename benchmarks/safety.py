"""How many attacks the desk's rules catch, and how many harmless texts they take for one.

python -m benchmarks.safety
python -m benchmarks.safety --harmless train.jsonl --attacks jailbreaks.json

The written sets stand in tests/core/safety. They are parted by a fixed seed: rules were written with the failures of
one half in view, the figures of the other half are the ones to publish. Baseline: four phrases that filters look for.
Harmless texts of others (rows with a "text") are measured whole, attacks of others by halves as ours.
"""

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from core.evaluation.intervals import Share
from core.generation.plain import plain
from core.safety.injections import find_injections

Row = dict[str, Any]
SETS = Path(__file__).parents[1] / "tests" / "core" / "safety"
SEED = 7
NAIVE = re.compile(r"ignore (?:all )?(?:previous|your) instructions|system prompt|you are now|<\|", re.IGNORECASE)
_ACTS = re.compile(r"[a-z]+://|\bwww\.\w|\b(?:javascript|data|mailto):\S|<[a-z/!]|<\||\[/?INST|</s>", re.IGNORECASE)


def halves(rows: Sequence[Row], seed: int = SEED) -> tuple[list[Row], list[Row]]:
    """The half that rules were written with, and the half that they are measured on."""
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    first = set(order[: len(rows) // 2])
    return [row for at, row in enumerate(rows) if at in first], [row for at, row in enumerate(rows) if at not in first]


def read(path: Path) -> list[Row]:
    """Rows of a JSON Lines file, or the texts of a JSON list as messages."""
    if path.suffix == ".json":
        return [{"text": text, "where": "message"} for text in json.loads(path.read_text(encoding="utf-8"))]
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def acts(text: str) -> bool:
    """Whether a text still holds a link, image, HTML, address or template token, by a Markdown parser and by eye."""
    tokens = [token for block in MarkdownIt().parse(text) for token in (block, *(block.children or ()))]
    return bool(_ACTS.search(text)) or any(
        t.type in {"link_open", "image", "html_block", "html_inline"} for t in tokens
    )


def is_caught(row: Row) -> bool:
    """A message or document: found. A model's output: nothing of it acts any more."""
    return not acts(plain(row["text"])) if row["where"] == "output" else bool(find_injections(row["text"]))


def is_caught_naively(row: Row) -> bool:
    """The baseline. Of output it takes whole tags away, as a first try does."""
    if row["where"] == "output":
        return not acts(re.sub(r"<[^>]*>", "", row["text"]))
    return bool(NAIVE.search(row["text"]))


def line(name: str, rows: Sequence[Row], judge: Callable[[Row], bool]) -> str:
    """One figure with its interval."""
    figure = Share(sum(judge(row) for row in rows), len(rows)).figure()
    return f"{name:<46}{figure.value:.3f}  [{figure.low:.3f}, {figure.high:.3f}]  n = {figure.n}"


def main(arguments: Sequence[str]) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harmless", type=Path, action="append", default=[], help="further harmless texts (.jsonl)")
    parser.add_argument("--attacks", type=Path, action="append", default=[], help="further attacks (.jsonl, .json)")
    parser.add_argument("--show", action="store_true", help="print what went wrong in the half that rules see")
    given = parser.parse_args(arguments)
    attacks, harmless = (halves(read(SETS / f"{name}.jsonl")) for name in ("attacks", "harmless"))
    for name, at in (("held out", 1), ("seen while writing", 0)):
        print(f"-- {name}")
        print(line("attacks caught", attacks[at], is_caught))
        for where in ("message", "document", "output"):
            print(line(f"  in a {where}", [row for row in attacks[at] if row["where"] == where], is_caught))
        print(line("  baseline: four phrases", attacks[at], is_caught_naively))
        print(line("harmless taken for an attack", harmless[at], lambda row: bool(find_injections(row["text"]))))
        print(line("  baseline: four phrases", harmless[at], lambda row: bool(NAIVE.search(row["text"]))))
    print("-- held out, by kind")
    for kind in dict.fromkeys(row["kind"] for row in attacks[1]):
        print(line(f"  {kind}", [row for row in attacks[1] if row["kind"] == kind], is_caught))
    if given.show:
        for row in [
            *(r for r in attacks[0] if not is_caught(r)),
            *(r for r in harmless[0] if find_injections(r["text"])),
        ]:
            print(row["id"], ascii(row["text"]), ascii(plain(row["text"])) if row["where"] == "output" else "")
    for path in given.attacks:
        for name, rows in zip(("seen", "held out"), halves(read(path)), strict=True):
            print(line(f"{path.name}, {name}: caught", rows, lambda row: bool(find_injections(row["text"]))))
            print(line("  baseline: four phrases", rows, is_caught_naively))
    strangers: list[Row] = []
    for path in given.harmless:
        began = time.perf_counter()
        rows = [{**row, "found": bool(find_injections(row["text"]))} for row in read(path)]
        seconds = time.perf_counter() - began
        print(line(f"{path.parent.name}/{path.name} taken for an attack", rows, lambda row: bool(row["found"])))
        print(f"  {seconds / len(rows) * 1e3:.2f} ms a text")
        strangers += rows
    if len(given.harmless) > 1:
        print(line("all of these files taken for an attack", strangers, lambda row: bool(row["found"])))


if __name__ == "__main__":
    main(sys.argv[1:])
