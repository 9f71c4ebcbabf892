"""What is said to a model and hardly ever to a person. Regular expressions over folded text (small, without accents).

`~` stands for up to three words between two words, `~~` for up to eight; both lazily, so that they stay linear enough.
A pattern is written with what it must not hit in mind: "ignore this email if", "act as guarantor", "system: Windows".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.safety.languages import LANGUAGES
from core.safety.leaking import LEAKING
from core.safety.steering import STEERING
from core.safety.views import fold

_GAPS = {"~~": r"\W+(?:\w+\W+){0,8}?", "~": r"\W+(?:\w+\W+){0,3}?"}

# Said by people about themselves, or allowed to readers: "should I ignore the instructions?", "you can ignore …".
EXCUSED = re.compile(
    r"\b(?:(?:should|can|could|may|must|do|did|if|when|that|shall) (?:i|we)|(?:i|we)(?: have| had| can| did"
    r"| just| accidentally)?"
    r"|(?:you|customers|they) (?:can|may|could|might))(?: \w+)?\W+$"
)


def _compiled(pattern: str) -> re.Pattern[str]:
    for sign, gap in _GAPS.items():
        pattern = pattern.replace(sign, gap)
    return re.compile("".join(c if c.isascii() else fold(c) for c in pattern))


@dataclass(frozen=True)
class Rule:
    """Patterns of one kind, and what a text must hold before it is worth trying them.

    words: one of them must stand in the text;  signs: or one of these must be a part of it
    """

    kind: str
    words: frozenset[str]
    signs: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]


RULES: tuple[Rule, ...] = tuple(
    Rule(kind, frozenset(words.split()), tuple(fold(signs).split()), tuple(map(_compiled, patterns)))
    for kind, words, signs, patterns in (*STEERING, *LEAKING, *LANGUAGES)
)


def matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """What the rules find in a folded text, with the rule's kind; in order of the rules."""
    words = frozenset(re.findall(r"\w+", text))
    for rule in RULES:
        if words.isdisjoint(rule.words) and not any(sign in text for sign in rule.signs):
            continue
        for pattern in rule.patterns:
            for found in pattern.finditer(text):
                if found.end() > found.start() and not EXCUSED.search(text, max(0, found.start() - 40), found.start()):
                    yield rule.kind, found
