"""What a headline says, in a form that can be compared: names, figures, periods, directions, other words.

Touches no database and knows no other headline.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass

from apps.finance_sentiment.pipeline.story_common import COMMON
from apps.finance_sentiment.pipeline.story_vocabulary import LABELS, OPPOSITES, OUTLETS, PHRASES, SAME
from core.remembering import remembered
from core.retrieval.words import STOP_WORDS, stem

LONGEST = 300  # characters of a title, or of a text without one, that are read as its headline
LEAST_LEFT = 3  # words that must be left when a label or an outlet's name is taken off
MOST_LABEL = 4  # words of a label or an outlet's name

_LINK = re.compile(r"https?://\S+|www\.\S+|pic\.twitter\.com/\S+")
_PUSHED_ON = re.compile(r"^\s*(?:rt\s+)?@\w+:\s*", re.IGNORECASE)
_NOTE = re.compile(r"^\s*\((?:adds|updates|corrects|recasts|refiles|writes)[^)]*\)\s*|^\s*[*>•]+\s*", re.IGNORECASE)
_FRONT = re.compile(r"^\s*([^|:\u2013\u2014]{2,30}?)\s*(?:[|:]|(?<=\d)-| [-\u2013\u2014] |(?<=[A-Z])-)\s*(?=\S)")
_BACK = re.compile(r"\s+(?:[-\u2013\u2014|]|::)\s*([^|\u2013\u2014]{2,40}?)\s*$|\s*\(([^()]{2,24})\)\s*$")
_MORE = re.compile(r"(?:\.{3}|…)?\s*(?:read more|more here|story here)?\s*[.…]*\s*$", re.IGNORECASE)
_TICKER = re.compile(r"^[A-Z]{2,8}\s?:\s?[A-Z.]{1,6}$")
_TAGS = re.compile(r"(?:\s+#\w+)+\s*$")
_SIZES = {"trillion": 1e12, "trln": 1e12, "tn": 1e12, "billion": 1e9, "bln": 1e9, "bn": 1e9, "b": 1e9, "million": 1e6,
          "mln": 1e6, "mn": 1e6, "m": 1e6, "thousand": 1e3, "k": 1e3}  # fmt: skip
_SHARES = ("%", "percent", "per cent", "pct", "pc")
_COUNTED = {word: at for at, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split())}  # fmt: skip
_ORDINALS = {word: at for at, word in enumerate(
    "first second third fourth fifth sixth seventh eighth ninth tenth".split(), start=1)}  # fmt: skip
_YEAR_LONG = "january february march april may june july august september october november december"
_MONTHS = {name: at for at, name in enumerate(_YEAR_LONG.split(), start=1)}
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
_PERIODS = (
    (re.compile(r"\b(?:q([1-4])|([1-4])q)(?:\s?(?:fy)?\d{2,4})?\b"), "q"),
    (re.compile(r"\b(first|second|third|fourth)[- ]quarter\b"), "q"),
    (re.compile(r"\b(march|june|september|december)[- ]quarter\b"), "q"),
    (re.compile(r"\bh([12])\b|\b([12])h\b"), "h"),
    (re.compile(r"\b(first|second)[- ]half\b"), "h"),
    (re.compile(r"\b(full[- ]year|annual|fy)\b"), "fy"),
)
_MAY = re.compile(r"\b(?:in|for|since|by|until|of|late|early|\d{1,2}) may\b|\bmay (?=\d)")
_QUARTER_OF = {"march": "1", "june": "2", "september": "3", "december": "4"}
_YEAR = re.compile(r"(?<![\d.,$€£])\b(19|20)(\d\d)\b(?![\d.,]*\d)")
_NUMBER = re.compile(
    r"(?<![\w.])[$€£¥]?\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)[ -]?"
    r"(%|per cent|percent|pct|pc|trillion|trln|tn|billion|bln|bn|b|million|mln|mn|m|thousand|k)?(?![\w])"
)
_HALF = re.compile(r"\b(\d+)[ -]1/2\b")
_WORD = re.compile(r"[^\W_]+(?:[.&+][^\W_]+)*\+?")
_PHRASES = tuple((re.compile(rf"\b(?:{pattern})"), meaning) for pattern, meaning in PHRASES)


def _classes() -> dict[str, str]:
    """Classes by word, and by stem where the class has no opposite: "missing" is not "misses"."""
    found = {stem(word): name for name, words in SAME.items() for word in words.split()}
    found |= {word: name for name, words in SAME.items() for word in words.split()}
    for axis, (ones, others) in OPPOSITES.items():
        found |= dict.fromkeys(ones.split(), f"+{axis}") | dict.fromkeys(others.split(), f"-{axis}")
    return found


_CLASS = _classes()
_PLAIN = frozenset(stem(word) for word in COMMON) | COMMON | _CLASS.keys()
COMMON_TERMS = frozenset(_CLASS.get(word, _CLASS.get(stem(word), stem(word))) for word in COMMON) | frozenset(SAME)
"""Terms that many headlines hold, whatever happened."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline as it is compared.

    terms: meaning classes and stems of its words, without names of figures, periods and directions
    names: those of the terms that are written like names;  plain: those that are surely not
    initials: of names of several words ("gm" for General Motors);  subject: the term that stands first
    numbers: amounts, one form for "4bn" and "4 billion", "%" behind shares;  periods: quarters, months, years, days
    sides: directions, "+move" or "-move"
    """

    terms: frozenset[str]
    names: frozenset[str]
    initials: frozenset[str]
    subject: str
    numbers: frozenset[str]
    periods: frozenset[str]
    sides: frozenset[str]


def headline_of(title: str, text: str) -> str:
    """A title, or the beginning of a text without one, cleaned."""
    return cleaned((title.strip() or text.strip())[:LONGEST])


def read_headline(line: str) -> Headline:
    """Read one line, cleaned.

    >>> read_headline("Acme lifts Q3 profit forecast to $4 billion").numbers
    frozenset({'4000000000'})
    """
    small = _folded(line).casefold()
    periods: set[str] = set()
    small = _taken_out(small, periods)
    numbers: set[str] = set()
    small = _HALF.sub(r"\1.5", small)
    for pattern, meaning in _PHRASES:
        small = pattern.sub(f" {meaning} ", small)
    small = _NUMBER.sub(lambda found: _noted(found, numbers), small)
    terms: dict[str, None] = {}
    sides: set[str] = set()
    subject = ""
    for word in _WORD.findall(small):
        term = _term(word)
        if term.startswith(("+", "-")):
            sides.add(term)
        elif word in _COUNTED:
            numbers.add(str(_COUNTED[word]))
        elif word in _ORDINALS:
            periods.add(f"nth{_ORDINALS[word]}")
        elif word in _DAYS:
            periods.add(f"d{word}")
        elif word in _MONTHS and word != "may":
            periods.add(f"m{_MONTHS[word]}")
        elif term:
            terms.setdefault(term)
            subject = subject or (term if term not in COMMON_TERMS else "")
    names, initials = _names(line)
    return Headline(
        terms=frozenset(terms),
        names=frozenset(names & terms.keys()),
        initials=frozenset(initials),
        subject=subject,
        numbers=frozenset(numbers),
        periods=frozenset(periods),
        sides=frozenset(sides),
    )


@remembered(most=50_000)
def _term(word: str) -> str:
    """The meaning class of a word, or its stem; empty for words that say nothing."""
    if word in STOP_WORDS and word not in _CLASS:
        return ""
    known = _CLASS.get(word)
    if known is not None:
        return known
    root = stem(word)
    named = _CLASS.get(root, root)
    return "" if root in STOP_WORDS else root if named.startswith(("+", "-")) else named


def cleaned(line: str) -> str:
    """A headline without labels in front ("UPDATE 2-", "Opinion |"), outlets behind ("- Reuters"), links and tags.

    >>> cleaned("Opinion | The trouble with Acme's debt - The Daily Ledger")
    "The trouble with Acme's debt"
    """
    kept = _LINK.sub(" ", unicodedata.normalize("NFKC", line).replace("\u2019", "'"))
    kept = _NOTE.sub("", _PUSHED_ON.sub("", kept))
    for _ in range(3):
        front = _FRONT.match(kept)
        if front is None or not _is_label(front[1]) or _count(kept[front.end() :]) < LEAST_LEFT:
            break
        kept = kept[front.end() :]
    kept = re.sub(r"^(?:BREAKING NEWS|BREAKING|JUST IN|EXCLUSIVE)\b[:\s-]*", "", kept)
    kept = _TAGS.sub("", _MORE.sub("", kept))
    for _ in range(3):
        back = _BACK.search(kept)
        if back is None or _count(kept[: back.start()]) < LEAST_LEFT or not _is_outlet(back, kept):
            break
        kept = kept[: back.start()]
    return kept.strip()


def _is_label(front: str) -> bool:
    words = front.casefold().replace("-", " ").split()
    return len(words) <= MOST_LABEL and all(word in LABELS or word.isdigit() for word in words)


def _is_outlet(back: re.Match[str], line: str) -> bool:
    name = back[1] or back[2]
    if _TICKER.match(name):
        return True
    words = name.casefold().replace(",", " ").split()
    if len(words) > MOST_LABEL:
        return False
    bar = "|" in line[back.start() : back.start(1)] if back[1] else False
    return bar or "::" in back[0] or any(word in OUTLETS for word in words)


def _count(text: str) -> int:
    return len(text.split())


@remembered(most=50_000)
def _folded(text: str) -> str:
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _taken_out(small: str, periods: set[str]) -> str:
    """A line in small letters without its periods, which are noted."""
    for pattern, kind in _PERIODS:
        for found in pattern.finditer(small):
            which = next(group for group in found.groups() if group)
            if kind == "fy":
                periods.add("fy")
            else:
                periods.add(kind + _QUARTER_OF.get(which, str(_ORDINALS.get(which, which))))
        small = pattern.sub(" ", small)
    if _MAY.search(small):
        periods.add("m5")
    for found in _YEAR.finditer(small):
        periods.add(f"y{found[2]}")
    return _YEAR.sub(" ", small)


def _noted(found: re.Match[str], numbers: set[str]) -> str:
    unit = found[2] or ""
    value = float(found[1].replace(",", "")) * _SIZES.get(unit, 1)
    numbers.add(f"{value:.12g}%" if unit in _SHARES else f"{value:.12g}")
    return " "


def _names(line: str) -> tuple[set[str], set[str]]:
    """What is written like a name, as terms; and initials of such runs of words.

    A capital says nothing in a title in which nearly every word has one, and little at the beginning of one.
    """
    words = re.findall(r"[$@]?[^\W_][\w&.'-]*", _folded(line))
    long = [word for word in words if len(word) > 3 and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long)
    titled = len(long) > 2 and capitals > 0.7 * len(long)
    names: set[str] = set()
    initials: set[str] = set()
    run: list[str] = []
    for word in [*words, ""]:
        bare = word.removesuffix("'s").strip("'.-$@")
        if word and (word[0] == "$" or (bare[:1].isupper() and not _is_plain(bare))):
            names.update(term for part in _WORD.findall(bare.casefold()) if (term := _term(part)))
            run.append(bare)
            continue
        if len(run) > 1:
            initials.add("".join(part[0] for part in run).casefold())
        run = [bare] if bare[:1].isupper() and not titled else []
    return names, initials


def _is_plain(word: str) -> bool:
    small = word.casefold()
    return small in _PLAIN or stem(small) in _PLAIN


def shingles(text: str, most_words: int, length: int = 4) -> list[int]:
    """Checksums of all runs of `length` words at the beginning of a text, ascending, each once."""
    words = re.findall(r"[^\W_]+", text[: most_words * 10].casefold())[:most_words]
    runs = {zlib.crc32(" ".join(words[at : at + length]).encode()) for at in range(len(words) - length + 1)}
    return sorted(runs)
