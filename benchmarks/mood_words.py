"""Words of statements about invented companies: names, sums, and how news agencies begin. Makes no statement."""

import random
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

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


@cache
def wordings() -> dict[str, Any]:
    """What stands in mood_statements.toml."""
    return tomllib.loads(Path(__file__).with_name("mood_statements.toml").read_text(encoding="utf-8"))


def company_name(chance: random.Random) -> str:
    """An invented one."""
    words = wordings()["words"]
    return f"{chance.choice(words['first'])} {chance.choice(words['last'])}"


def amounts(chance: random.Random, *, up: bool) -> tuple[str, str]:
    """Now and before, in the same money."""
    low = chance.uniform(0.5, 400)
    high = low * chance.uniform(1.04, 2.4)
    form, digits = chance.choice(_MONEY), 0 if low > 60 and chance.random() < 0.5 else 1
    told = [form.format(f"{value:,.{digits}f}") for value in (low, high)]
    return (told[1], told[0]) if up else (told[0], told[1])


def share_of(chance: random.Random) -> str:
    """A number of per cent."""
    return f"{chance.uniform(1.5, 64):.{chance.choice((0, 1))}f}"


def cased(text: str) -> str:
    """As a sentence begins."""
    return text[0].upper() + text[1:]


def said_so(chance: random.Random, company: str, what: str, *, it: bool = True) -> str:
    """As news agencies begin: the date, what the company is, when it said so."""
    words = wordings()["words"]
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
