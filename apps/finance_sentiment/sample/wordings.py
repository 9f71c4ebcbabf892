"""Turn wordings into sentences: choices made, slots filled. Knows no dates and no companies but those it is given."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

MOODS = ("negative", "neutral", "positive")

_CHOICE = re.compile(r"\(([^()|]*(?:\|[^()|]*)+)\)")  # (one|another); brackets without a bar stay as they are
_SLOT = re.compile(r"\{(\w+)\}")
_SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine")


@cache
def table(name: str) -> dict[str, Any]:
    """A file of this folder. name: without its ending"""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Issuer:
    """A company as the sample's writer knows it. names: ways to write it;  ticker: as posts write it, "$ALDR" """

    entity: str
    names: tuple[str, ...]
    ticker: str
    kind: str
    daily: float
    lean: float
    products: tuple[str, ...]


def written(template: str, chance: Random, about: Mapping[str, Issuer]) -> str:
    """A sentence. about: the company of each of the slots A and B

    >>> tin = Issuer("tin", ("Tin",), "$TIN", "mining", 1.0, 0.0, ("tin",))
    >>> written("(Good|Fine) day for {A}", Random(1), {"A": tin})
    'Good day for Tin'
    """
    chosen = _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), template)
    filled = _SLOT.sub(lambda found: _filled(found[1], chance, about), chosen)
    return filled[:1].upper() + filled[1:]


def headlines(kind: str, mood: str) -> tuple[Sequence[str], Sequence[str]]:
    """What a company of this kind may read about itself. returns: headlines, sentences"""
    general, special = table("wordings")["general"][mood], table("wordings")[kind][mood]
    return (*special["headlines"], *general["headlines"]), (*special["sentences"], *general["sentences"])


def _filled(slot: str, chance: Random, about: Mapping[str, Issuer]) -> str:
    if slot in about:
        return chance.choice(about[slot].names)
    match slot:
        case "T":
            return about["A"].ticker
        case "product":
            return chance.choice(about["A"].products)
        case "pct":
            return f"{chance.randint(3, 19)}{chance.choice(('%', '%', ' percent'))}"
        case "money":
            return (
                f"${chance.randint(2, 95) * 10} million"
                if chance.random() < 0.8
                else f"${chance.randint(1, 9)} billion"
            )
        case "count":
            return f"{chance.randint(12, 990) * 100:,}"
        case "smallcount":
            return chance.choice(_SMALL)
    return str(chance.choice(table("wordings")["slots"][slot]))
