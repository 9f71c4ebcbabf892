"""Statements of invented companies, written for this project: results, orders, outlooks, and plain facts.

Headlines and posts are what the public data sets hold; companies' own reports sound different, and say "rose to 13.1
from 8.7" without a word of joy. Each statement has the mood of an investor who reads it. The words stand in
mood_statements.toml.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.mood_results import Statement, bare, compared, moved, turned
from benchmarks.mood_words import amounts, cased, company_name, said_so, wordings

COUNT = 8_000
SEED = 7


def statements(count: int = COUNT, seed: int = SEED) -> list[Statement]:
    """So many different ones: four in ten are results, the rest news and facts.

    >>> made = statements(300)
    >>> len({one.text for one in made}), sorted({one.label for one in made})
    (300, ['negative', 'neutral', 'positive'])
    """
    chance = random.Random(seed)
    made: dict[str, Statement] = {}
    while len(made) < count:
        [kind] = chance.choices(tuple(_SHARES), tuple(_SHARES.values()))
        one = kind(chance)
        made.setdefault(one.text, one)
    return list(made.values())


def rows(count: int = COUNT, seed: int = SEED) -> Iterator[Mapping[str, str]]:
    """As rows to train with."""
    for one in statements(count, seed):
        yield {"text": one.text, "label": one.label}


def _event(chance: random.Random, kind: str) -> str:
    """Something that was done, will be done or is so."""
    forms = wordings()[kind]
    if chance.random() < 0.5:
        return cased(_filled(chance, chance.choice(forms["whole"])))
    if chance.random() < 0.3:
        will = chance.choice(forms["will"])
        company = company_name(chance)
        text = chance.choice(
            (
                f"{{A}} will {will}.",
                f"{{A}} plans to {will}.",
                said_so(chance, company, f"will {will}"),
                f"{{A}} is to {will}.",
            )
        )
        return cased(_filled(chance, text))
    did = chance.choice(forms["did"])
    past = did.replace("been ", "was ", 1) if did.startswith("been ") else did
    company = company_name(chance)
    text = chance.choice(
        (
            f"{{A}} has {did}.",
            f"{{A}} {past}.",
            said_so(chance, company, f"has {did}"),
            said_so(chance, company, past),
            f"{chance.choice(wordings()['words']['from'])} {company} has {did}.",
        )
    )
    return cased(_filled(chance, text))


def _good(chance: random.Random) -> Statement:
    return Statement(_event(chance, "good"), "positive")


def _bad(chance: random.Random) -> Statement:
    return Statement(_event(chance, "bad"), "negative")


def _plain(chance: random.Random) -> Statement:
    return Statement(_event(chance, "plain"), "neutral")


def _filled(chance: random.Random, text: str) -> str:
    words = wordings()["words"]
    while "{" in text:
        mark = text[text.index("{") + 1 : text.index("}")]
        text = text.replace(f"{{{mark}}}", _value(chance, mark, words), 1)
    return text


def _value(chance: random.Random, mark: str, words: Mapping[str, Sequence[str]]) -> str:
    if mark in ("A", "B"):
        return company_name(chance)
    if mark == "money":
        return amounts(chance, up=True)[0]
    if mark == "n":
        return f"{chance.choice((5, 12, 25, 40, 65, 110, 180, 240, 350, 600, 1200)):,}"
    if mark == "p":
        return f"{chance.uniform(2, 40):.1f}"
    if mark == "year":
        return str(chance.randint(2006, 2027))
    if mark == "day":
        return f"{chance.randint(1, 28)} {chance.choice(('March', 'May', 'August', 'October'))}"
    return str(chance.choice(words[mark]))


# Half of what companies publish moves nobody: so it is here, else every dry report would be read as good or bad.
_SHARES = {moved: 2, compared: 3, turned: 2, bare: 3, _good: 4, _bad: 2, _plain: 10}


def main(arguments: Sequence[str]) -> None:
    """Print some of them, to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    for one in statements(parser.parse_args(arguments).count):
        print(f"{one.label:<9}{one.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
