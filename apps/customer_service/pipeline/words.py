"""The desk's words by language, from words.toml: what it says, and by what it knows small talk. Decides nothing."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

Saying = Literal[
    "greeting",
    "how_are_you",
    "thanks",
    "goodbye",
    "agreed",
    "dont_know",
    "which",
    "passed_on",
    "not_known",
    "still_unsure",
    "human",
    "wordless",
    "garbled",
    "closed",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
]
FALLBACK = "en"

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")  # noqa: RUF001


@dataclass(frozen=True)
class Words:
    """What customers say in one language, and what the desk says. Fields are explained in words.toml"""

    greetings: tuple[str, ...] = ()
    how_are_you: tuple[str, ...] = ()
    thanks: tuple[str, ...] = ()
    goodbyes: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    talk: tuple[str, ...] = ()
    want: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    says: Mapping[str, str] = field(default_factory=dict)


@cache
def words_by_language() -> Mapping[str, Words]:
    """All languages of words.toml, in its order."""
    held = tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))
    return {
        language: Words(
            says=block.get("says", {}), **{name: tuple(value) for name, value in block.items() if name != "says"}
        )
        for language, block in held.items()
    }


def say(what: Saying, language: str) -> str:
    """A sentence of the desk in the customer's language, else in English.

    >>> say("thanks", "de"), say("thanks", "fi") == say("thanks", "en")
    ('Gern geschehen. Kann ich sonst noch etwas für Sie tun?', True)
    """
    words = words_by_language()
    spoken = words.get(language, words[FALLBACK]).says
    return spoken.get(what) or words[FALLBACK].says[what]


def tokens(text: str) -> list[str]:
    """Words in small, with their apostrophes straight.

    >>> tokens("What's UP, Zoë?")
    ["what's", 'up', 'zoë']
    """
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]  # noqa: RUF001
