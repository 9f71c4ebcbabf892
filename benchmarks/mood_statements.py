"""Statements of invented companies, written for this project: results, orders, outlooks, and plain facts.

Headlines and posts are what the public data sets hold; companies' own reports sound different, and say "rose to 13.1
from 8.7" without a word of joy. Each statement has the mood of an investor who reads it. The words stand in
mood_statements.toml.
"""

import argparse
import random
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

COUNT = 8_000
SEED = 7

_MONEY = (
    "EUR {} mn",
    "EUR{}m",
    "{} million euros",
    "USD {} mn",
    "${} million",
    "SEK {} million",
    "{} mln euro",
    "EUR {}mn",
)
_BEFORE = (
    "in the corresponding period of the year before", "in the same quarter last year", "a year earlier",
    "the year before", "in the first half of the previous year", "in the third quarter of 2008", "in January-June 2009",
    "in the comparable period", "in the corresponding quarter in 2007", "in the previous fiscal year",
)  # fmt: skip
_NOW = (
    "in the quarter", "for the period", "in the first nine months", "in January-March", "in the fiscal year", "in 2010",
    "in the third quarter", "in April-June", "in the reporting period", "during the half-year",
)  # fmt: skip
_SALES = (
    "net sales", "turnover", "revenue", "the order backlog", "order intake", "exports", "net interest income",
    "comparable sales", "sales", "group sales", "sales in the Nordic countries", "the value of orders received",
)  # fmt: skip
_PROFITS = (
    "operating profit", "profit before taxes", "net profit", "EBITDA", "cash flow from operations", "pretax profit",
    "EBIT", "operating income", "profit for the period", "operating profit excluding one-off items",
)  # fmt: skip
_GOOD_DOWN = (
    "operating loss",
    "net loss",
    "the pretax loss",
    "operating costs",
    "net debt",
    "loan losses",
    "sick leave",
)
_COUNTED = (
    "the number of subscribers", "passenger volumes", "market share", "earnings per share", "the gross margin", "EPS",
    "the number of customers", "cargo volumes", "the load factor", "visitors to the site", "the equity ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence and its mood: negative, neutral or positive."""

    text: str
    label: str


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


@cache
def _wordings() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _company(chance: random.Random) -> str:
    words = _wordings()["words"]
    return f"{chance.choice(words['first'])} {chance.choice(words['last'])}"


def _amounts(chance: random.Random, *, up: bool) -> tuple[str, str]:
    """Now and before, in the same money."""
    low = chance.uniform(0.5, 400)
    high = low * chance.uniform(1.04, 2.4)
    form, digits = chance.choice(_MONEY), 0 if low > 60 and chance.random() < 0.5 else 1
    told = [form.format(f"{value:,.{digits}f}") for value in (low, high)]
    return (told[1], told[0]) if up else (told[0], told[1])


def _share(chance: random.Random) -> str:
    return f"{chance.uniform(1.5, 64):.{chance.choice((0, 1))}f}"


def _cased(text: str) -> str:
    return text[0].upper() + text[1:]


def _moved(chance: random.Random) -> Statement:
    """A figure that moved, said with a verb."""
    good_up = chance.random() < 0.78
    up = chance.random() < 0.5
    measure = chance.choice(chance.choice((_SALES, _PROFITS, _COUNTED)) if good_up else _GOOD_DOWN)
    verbs = ("rose", "increased", "grew", "climbed", "went up") if up else (
        "fell", "decreased", "declined", "dropped", "went down", "shrank"
    )  # fmt: skip
    verb, share, a = chance.choice(verbs), _share(chance), _company(chance)
    if measure in _COUNTED:
        forms = [
            f"{measure} of {a} {verb} by {share} % {chance.choice(_NOW)}.",
            f"{measure} {verb} by {share} percent from {chance.choice(_BEFORE).removeprefix('in ')}.",
            f"{a} said {measure} {verb} {chance.choice(_NOW)}.",
        ]
    else:
        now, before = _amounts(chance, up=up)
        since = chance.choice(_BEFORE)
        forms = [
            f"{measure} {verb} to {now} from {before} {since}.",
            f"{measure} {verb} to {now} from {before} {since}, representing {_share(chance)} % of net sales.",
            f"{measure} {verb} by {share} % to {now}.",
            f"{measure} {verb} by {share} % to {now} {chance.choice(_NOW)}, compared to {before} {since}.",
            f"{measure} of {a} {verb} {share} percent {chance.choice(_NOW)}.",
            _said(chance, a, f"{measure} {verb} to {now} {chance.choice(_NOW)}, from {before} {since}", it=False),
            f"{chance.choice(_NOW)}, {measure} {verb} {share} % and amounted to {now}.",
            f"{measure} {verb} year-on-year, to {now}.",
            f"the company's {measure.removeprefix('the ')} {verb} to {now} {chance.choice(_NOW)}.",
        ]
    return Statement(_cased(chance.choice(forms)), "positive" if up == good_up else "negative")


def _compared(chance: random.Random) -> Statement:
    """A figure beside an older one, without a verb that says which way."""
    good_up, up = chance.random() < 0.75, chance.random() < 0.5
    since = chance.choice(_BEFORE)
    if chance.random() < 0.25:
        low = chance.uniform(0.02, 1.2)
        small, large = f"{low:.2f}", f"{low * chance.uniform(1.1, 2.5):.2f}"
        now, before = (large, small) if up else (small, large)
        forms = [
            f"EPS stood at EUR {now} versus EUR {before} {since}.",
            f"diluted earnings per share were {now} euros against {before} {since}.",
            f"earnings per share (EPS) amounted to EUR{now}, compared with EUR{before} {since}.",
        ]
        return Statement(_cased(chance.choice(forms)), "positive" if up else "negative")
    measure = chance.choice(chance.choice((_SALES, _PROFITS)) if good_up else _GOOD_DOWN[:5])
    now, before = _amounts(chance, up=up)
    forms = [
        f"{measure} totalled {now}, compared to {before} {since}.",
        f"{measure} was {now} {chance.choice(_NOW)} ({before} the year before).",
        f"{measure} was {now} ({before}) {chance.choice(_NOW)}.",
        f"{_company(chance)}'s {measure.removeprefix('the ')} amounted to {now}, as against {before} {since}.",
        f"{measure} came to {now}, {'up' if up else 'down'} from {before}.",
        _said(
            chance,
            _company(chance),
            f"posted {measure.removeprefix('the ')} of {now} {chance.choice(_NOW)}, compared to {before} {since}",
        ),
        f"{measure} was {now}, {'up' if up else 'down'} {_share(chance)} % on {since.removeprefix('in ')}.",
        f"{measure} totalled {now}, {'up' if up else 'down'} from {before} {since}.",
    ]
    return Statement(_cased(chance.choice(forms)), "positive" if up == good_up else "negative")


def _turned(chance: random.Random) -> Statement:
    """From loss to profit, or the other way; a loss that grows or shrinks."""
    a, good, since = _company(chance), chance.random() < 0.5, chance.choice(_BEFORE)
    first, second = _amounts(chance, up=chance.random() < 0.5)
    now = chance.choice(_NOW)
    if good:
        small, large = _amounts(chance, up=False)
        forms = [
            f"{a} swung to a net profit of {first} {now}, versus a loss of {second} {since}.",
            f"profit for the period was {first}, compared with a loss of {second} {since}.",
            _said(chance, a, f"returned to profit, with pretax earnings of {first}"),
            _said(chance, a, f"turned to a net profit of {first} {now}, from a loss of {second} {since}"),
            f"the operating loss narrowed to {small} from {large} {since}.",
            f"{now}, the company's net loss narrowed to {small} from {large} {since}.",
            _said(chance, a, f"its net loss narrowed to {small} {now} from {large}", it=False),
            f"cash flow from operations totalled {first}, compared to a negative {second} {since}.",
            f"the operating result was {first}, compared to a loss of {second} {since}.",
            f"the pretax loss totalled {small}, compared to a loss of {large} {since}.",
            f"operating profit totalled {first}, compared to an operating loss of {second} {since}.",
        ]
    else:
        small, large = _amounts(chance, up=False)
        forms = [
            f"{a} posted a net loss of {first} {now}, against a profit of {second} {since}.",
            f"the operating result was a loss of {first}, down from a profit of {second}.",
            _said(chance, a, f"slipped to a pretax loss of {first} as demand weakened"),
            f"the net loss widened to {large} {now} from {small}.",
            f"cash flow from operations was a negative {first}, compared to {second} {since}.",
            f"the operating loss totalled {first}, compared to a profit of {second} {since}.",
            f"the operating loss was {first} {now}, as against a profit of {second} {since}.",
            f"the pretax loss totalled {large}, compared to a loss of {small} {since}.",
            f"sales were {small} ({large}) and the result before taxes was a loss of {first} (a profit of {second}).",
            f"{now}, the operating loss grew to {large} from {small} {since}.",
        ]
    return Statement(_cased(chance.choice(forms)), "positive" if good else "negative")


def _bare(chance: random.Random) -> Statement:
    """A figure with nothing to compare it with."""
    measure = chance.choice((*_SALES, *_PROFITS))
    money, other = _amounts(chance, up=True)
    a = _company(chance)
    forms = [
        f"{a}'s {measure.removeprefix('the ')} in {chance.randint(2004, 2027)} totalled {money}.",
        f"{measure} totalled {money} or {_share(chance)} % of net sales.",
        f"{measure} was {money} {chance.choice(_NOW)}, including {other} of one-off items.",
        f"the company had {measure.removeprefix('the ')} of {money} and about {chance.randint(2, 90) * 50} employees.",
        f"{a} reported net sales of {money} with an operating margin of {_share(chance)} per cent.",
        f"{measure} for the whole of {chance.randint(2004, 2027)} is estimated at {money}.",
        _said(chance, a, f"its {measure.removeprefix('the ')} {chance.choice(_NOW)} was {money}", it=False),
    ]
    return Statement(_cased(chance.choice(forms)), "neutral")


def _said(chance: random.Random, company: str, what: str, *, it: bool = True) -> str:
    """As news agencies begin: the date, what the company is, when it said so."""
    words = _wordings()["words"]
    subject = company
    if chance.random() < 0.6:
        subject = f"{chance.choice(words['from'])} {chance.choice(words['kind'])} {company}"
    if chance.random() < 0.3:
        ticker = company.replace(" ", "")[:3].upper() + str(chance.choice(("1V", "", "B")))
        subject += chance.choice((f" (HEL: {ticker})", f" ( OMX : {ticker} )", f" ({ticker})", f" HEL:{ticker}"))
    year, day = chance.randint(2006, 2027), chance.randint(1, 28)
    month = chance.choice(("January", "March", "May", "August", "October", "December"))
    dateline = chance.choice(
        ("", "", "", f"{day} {month} {year} - ", f"({month} {day}, {year}) - ", f"{month[:3]} {day} - ")
    )
    when = chance.choice(("today", "yesterday", "on Monday", f"on {month} {day}, {year}", "on Thursday", "last Friday"))
    verb = chance.choice(("said", "announced", "reported", "said"))
    return f"{dateline}{subject} {verb} {when} {'it ' if it else 'that '}{what}."


def _event(chance: random.Random, kind: str) -> str:
    """Something that was done, will be done or is so."""
    forms = _wordings()[kind]
    if chance.random() < 0.5:
        return _cased(_filled(chance, chance.choice(forms["whole"])))
    if chance.random() < 0.3:
        will = chance.choice(forms["will"])
        company = _company(chance)
        text = chance.choice(
            (
                f"{{A}} will {will}.",
                f"{{A}} plans to {will}.",
                _said(chance, company, f"will {will}"),
                f"{{A}} is to {will}.",
            )
        )
        return _cased(_filled(chance, text))
    did = chance.choice(forms["did"])
    past = did.replace("been ", "was ", 1) if did.startswith("been ") else did
    company = _company(chance)
    text = chance.choice(
        (
            f"{{A}} has {did}.",
            f"{{A}} {past}.",
            _said(chance, company, f"has {did}"),
            _said(chance, company, past),
            f"{chance.choice(_wordings()['words']['from'])} {company} has {did}.",
        )
    )
    return _cased(_filled(chance, text))


def _good(chance: random.Random) -> Statement:
    return Statement(_event(chance, "good"), "positive")


def _bad(chance: random.Random) -> Statement:
    return Statement(_event(chance, "bad"), "negative")


def _plain(chance: random.Random) -> Statement:
    return Statement(_event(chance, "plain"), "neutral")


def _filled(chance: random.Random, text: str) -> str:
    words = _wordings()["words"]
    while "{" in text:
        mark = text[text.index("{") + 1 : text.index("}")]
        text = text.replace(f"{{{mark}}}", _value(chance, mark, words), 1)
    return text


def _value(chance: random.Random, mark: str, words: Mapping[str, Sequence[str]]) -> str:
    if mark in ("A", "B"):
        return _company(chance)
    if mark == "money":
        return _amounts(chance, up=True)[0]
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
_SHARES = {_moved: 2, _compared: 3, _turned: 2, _bare: 3, _good: 4, _bad: 2, _plain: 10}


def main(arguments: Sequence[str]) -> None:
    """Print some of them, to look at."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40)
    for one in statements(parser.parse_args(arguments).count):
        print(f"{one.label:<9}{one.text}")


if __name__ == "__main__":
    main(sys.argv[1:])
