"""How well companies are linked in headlines, posts and articles, half of which are traps.

python -m benchmarks.linking
python -m benchmarks.linking --errors
python -m benchmarks.linking --headlines sentfin/train.jsonl

The sentences (benchmarks/linking.jsonl) were written for this before the rules were; in half of them a company's name
means something else ("Apple pie", "visa rules", "Doug Ford"). Half of them, drawn by a seed, chose the weights; the
other half is reported. Sixty more (benchmarks/linking_later.jsonl), half of them traps, were written when the rules
stood: "later". A mention is right where it overlaps a real one of the same company, each counted once.
Baseline of the same run: every name and alias of the same list with word borders, whatever its case; and with its case.
--errors shows the mistakes of the half that chose, and only of that.

--headlines takes headlines by other people ({"text", "entity"} a line, SEntFiN's shape), of the
entities marked there that are written as a name or alias of a listed company, how many are linked to it; of what is
linked, how much overlaps something that is marked. Half of them, by a checksum, were looked at once; both are told.
"""

import argparse
import json
import random
import re
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from apps.finance_sentiment.pipeline.companies import shipped
from apps.finance_sentiment.pipeline.linking import Linker
from core.evaluation.intervals import Share, bootstrapped

SENTENCES = Path(__file__).with_suffix(".jsonl")
LATER = SENTENCES.with_name("linking_later.jsonl")
SEED = 7
RESAMPLES = 2_000
Span = tuple[str, int, int]
Link = Callable[[str], list[Span]]


@dataclass(frozen=True)
class Sentence:
    """A text, what it names, and whether a name in it means something else."""

    text: str
    mentions: tuple[Span, ...]
    kind: str
    trap: bool


@dataclass
class Listed:
    """A company as the linker wants it."""

    id: str
    name: str
    tickers: list[str]
    aliases: list[str]
    context: list[str]
    anticontext: list[str]


def read_sentences(path: Path = SENTENCES) -> list[Sentence]:
    """All of them, in the file's order."""
    rows: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Sentence(
            row["text"],
            tuple((m["entity"], m["start"], m["end"]) for m in row["mentions"]),
            row["kind"],
            row["trap"],
        )
        for row in rows
    ]


def halves(sentences: Sequence[Sentence]) -> tuple[list[Sentence], list[Sentence]]:
    """returns: to choose with, to report; each with half of the traps"""
    choosing, reported = [], []
    for trap in (True, False):
        part = [sentence for sentence in sentences if sentence.trap is trap]
        random.Random(SEED).shuffle(part)
        choosing += part[::2]
        reported += part[1::2]
    return choosing, reported


def companies() -> list[Listed]:
    """The list that comes with the app."""
    edits, _ = shipped()
    return [
        Listed(entity, edit.name, edit.tickers, edit.aliases, edit.context, edit.anticontext)
        for entity, edit in edits.items()
    ]


def plain(listed: Sequence[Listed], flags: int) -> Link:
    """The baseline: names, aliases and tickers with word borders."""
    owner: dict[str, str] = {}
    for one in listed:
        for name in (one.name, *(alias.rstrip("?") for alias in one.aliases), *(t.split(":")[1] for t in one.tickers)):
            if len(name) > 1:
                owner.setdefault(name.lower(), one.id)
    names = sorted(owner, key=len, reverse=True)
    cased = {name.lower(): name for one in listed for name in (one.name, *(a.rstrip("?") for a in one.aliases))}
    written = names if flags else [cased.get(name, name.upper()) for name in names]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, written))})(?!\w)", flags)
    return lambda text: [(owner[found[0].lower()], *found.span()) for found in pattern.finditer(text)]


def matched(real: Sequence[Span], given: Sequence[Span]) -> int:
    """How many given mentions overlap a real one of the same company, each used once."""
    free, hits = list(real), 0
    for entity, start, end in given:
        hit = next((one for one in free if one[0] == entity and one[1] < end and start < one[2]), None)
        if hit is not None:
            free.remove(hit)
            hits += 1
    return hits


def f1(counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """counts: (..., 3), of hits, given and real mentions"""
    total = counts[..., 1] + counts[..., 2]
    shares: np.ndarray[Any, Any] = np.divide(2 * counts[..., 0], total, out=np.ones(total.shape), where=total > 0)
    return shares


def measure(sentences: Sequence[Sentence], link: Link) -> dict[str, Any]:
    """Precision, recall (Wilson) and F1 (bootstrap over sentences) of all mentions, and sentences without a mistake."""
    rows = []
    for sentence in sentences:
        given = link(sentence.text)
        rows.append((matched(sentence.mentions, given), len(given), len(sentence.mentions)))
    counts = np.array(rows, dtype=np.float64)  # (n, 3)
    hits, found, real = (int(value) for value in counts.sum(axis=0))
    draws = np.random.default_rng(SEED).integers(0, len(rows), (RESAMPLES, len(rows)))
    resampled = f1(counts[draws].sum(axis=1))  # (resamples, n, 3) -> (resamples,)
    clean = sum(a == b == c for a, b, c in rows)
    return {
        "f1": bootstrapped(float(f1(counts.sum(axis=0))), resampled, len(rows)).as_dict(),
        "precision": Share(hits, found).as_dict(),
        "recall": Share(hits, real).as_dict(),
        "sentences_without_a_mistake": Share(clean, len(rows)).as_dict(),
    }


def headlines(path: Path, listed: Sequence[Listed], link: Link, half: int) -> dict[str, Any]:
    """Recall by (headline, marked entity), precision by mention; both Wilson. half: 0 was looked at, 1 was not"""
    marked: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if zlib.crc32(row["text"].encode()) % 2 != half:
            continue
        marked.setdefault(row["text"], set()).add(row["entity"])
    written: dict[str, set[str]] = {}
    for one in listed:
        for name in (one.name, *one.aliases):
            written.setdefault(name.rstrip("?").casefold(), set()).add(one.id)
    asked = found = given = right = 0
    for text, entities in marked.items():
        mentions = link(text)
        linked = {entity for entity, _, _ in mentions}
        for entity in entities:
            if meant := written.get(entity.casefold()):
                asked += 1
                found += bool(meant & linked)
        places = [hit.span() for one in entities for hit in re.finditer(re.escape(one), text, re.IGNORECASE)]
        given += len(mentions)
        right += sum(any(a < end and start < b for a, b in places) for _, start, end in mentions)
    return {
        "headlines": len(marked),
        "recall": Share(found, asked).as_dict(),
        "precision": Share(right, given).as_dict(),
    }


def errors(sentences: Sequence[Sentence], link: Link) -> list[dict[str, Any]]:
    """What is linked wrongly, sentence by sentence."""
    told = []
    for sentence in sentences:
        given = link(sentence.text)
        if not matched(sentence.mentions, given) == len(given) == len(sentence.mentions):
            told.append({"text": sentence.text, "given": given, "real": sentence.mentions})
    return told


def speed(link: Link, sentences: Sequence[Sentence], seconds: float = 1.0) -> float:
    """Texts a second, in one thread."""
    done, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        for sentence in sentences:
            link(sentence.text)
        done += len(sentences)
    return round(done / passed)


def main(arguments: Sequence[str]) -> None:
    """Print one JSON object."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--errors", action="store_true")
    asked.add_argument("--headlines", type=Path)
    chosen = asked.parse_args(arguments)
    listed = companies()
    linker = Linker(listed)
    choosing, reported = halves(read_sentences())

    def link(text: str) -> list[Span]:
        return [(found.entity, found.start, found.end) for found in linker.link(text)]

    if chosen.headlines is not None:
        links = {"linker": link, "plain_aliases": plain(listed, re.IGNORECASE), "plain_with_case": plain(listed, 0)}
        told = {
            part: {name: headlines(chosen.headlines, listed, one, half) for name, one in links.items()}
            for half, part in enumerate(("looked_at", "reported"))
        }
        print(json.dumps(told, indent=1))
        return
    if chosen.errors:
        print(json.dumps(errors(choosing, link), indent=1, ensure_ascii=False))
        return
    report = {
        "companies": len(listed),
        "linker": {
            "choosing": measure(choosing, link),
            "reported": measure(reported, link),
            "later": measure(read_sentences(LATER), link),
            "reported_traps": measure([one for one in reported if one.trap], link),
            "reported_others": measure([one for one in reported if not one.trap], link),
        },
        "later_plain_aliases_with_case": measure(read_sentences(LATER), plain(listed, 0)),
        "plain_aliases": measure(reported, plain(listed, re.IGNORECASE)),
        "plain_aliases_with_case": measure(reported, plain(listed, 0)),
        "texts_per_second": speed(link, reported),
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
