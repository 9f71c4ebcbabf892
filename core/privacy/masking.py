"""Replace what was found by placeholders: once and for all, or so that it can be put back. Keeps nothing on disk."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.privacy.finding import find
from core.privacy.spans import PLACEHOLDERS, TYPES, Span

_NUMBERED = re.compile(rf"\[({'|'.join(PLACEHOLDERS.values())})_(\d{{1,6}})\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without its personal values.

    text: with a placeholder for each value;  spans: where the values stood in what was given, ascending
    placed: where the placeholders stand in `text`, one a span, in the same order
    """

    text: str
    spans: tuple[Span, ...]
    placed: tuple[Span, ...]


def mask(text: str, types: frozenset[str] = TYPES) -> Masked:
    """Put a placeholder such as [EMAIL] for each value.

    >>> mask("write to ann@example.org").text
    'write to [EMAIL]'
    """
    spans = find(text, types)
    return replaced(text, spans, [f"[{PLACEHOLDERS[span.type]}]" for span in spans])


def replaced(text: str, spans: Sequence[Span], words: Iterable[str]) -> Masked:
    """spans: ascending, without overlaps;  words: what is put for each"""
    parts: list[str] = []
    placed: list[Span] = []
    at = length = 0
    for span, word in zip(spans, words, strict=True):
        parts += [text[at : span.start], word]
        length += span.start - at
        placed.append(Span(length, length + len(word), span.type))
        length += len(word)
        at = span.end
    return Masked("".join([*parts, text[at:]]), tuple(spans), tuple(placed))


@dataclass
class Vault:
    """The values of one conversation: the same value gets the same numbered placeholder, and can be put back.

    It holds what it hides, in memory only; `repr` shows none of it. One conversation, one vault, one thread at a time.
    """

    types: frozenset[str] = TYPES
    _words: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _counts: dict[str, int] = field(default_factory=dict, repr=False)

    def mask(self, text: str) -> Masked:
        """Put [NAME_1], [NAME_2], … for each value. What stands in the text in that form already gets a number too,
        so that nobody can make us say another's value by typing a placeholder.

        >>> vault = Vault(); vault.mask("ann@example.org or bo@example.org, not ann@example.org").text
        '[EMAIL_1] or [EMAIL_2], not [EMAIL_1]'
        """
        typed = [Span(*match.span(), self._type(match[1])) for match in _NUMBERED.finditer(text)]
        found = [span for span in find(text, self.types) if not any(span.overlaps(other) for other in typed)]
        spans = sorted([*found, *typed])
        return replaced(text, spans, [self._word(span.type, text[span.start : span.end]) for span in spans])

    def unmask(self, text: str) -> str:
        """Put the values back. A number that was never given out stays as it is.

        >>> vault = Vault(); _ = vault.mask("ann@example.org")
        >>> vault.unmask("We wrote to [EMAIL_1], not to [EMAIL_2].")
        'We wrote to ann@example.org, not to [EMAIL_2].'
        """
        return _NUMBERED.sub(lambda match: self._values.get(match.group().upper(), match.group()), text)

    def _word(self, kind: str, value: str) -> str:
        key = (kind, _alike(kind, value))
        if key not in self._words:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            word = f"[{PLACEHOLDERS[kind]}_{self._counts[kind]}]"
            self._words[key] = word
            self._values[word] = value
        return self._words[key]

    @staticmethod
    def _type(word: str) -> str:
        return next(kind for kind, placeholder in PLACEHOLDERS.items() if placeholder == word.upper())


def _alike(kind: str, value: str) -> str:
    """What makes two values the same: letters in any case, numbers however they are grouped.

    >>> _alike("PHONE_NUMBER", "0170 123-4567") == _alike("PHONE_NUMBER", "0170 1234567")
    True
    """
    if kind in ("PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "US_SSN"):
        return re.sub(r"[^\w+]", "", value).casefold()
    return " ".join(value.split()).casefold()
