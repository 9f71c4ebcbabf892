"""Amounts, durations, dates and the like in a statement, in one unit for each kind. Knows not what they are of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Bound = Literal["", "<", ">"]

_WORDS = {
    word: str(number)
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"fourteen": "14", "fifteen": "15", "twenty": "20", "thirty": "30", "sixty": "60", "ninety": "90", "hundred": "100"}
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "night": 1, "week": 7, "month": 30, "year": 360}  # 12 months
_UNITS = "minute|hour|day|night|week|month|year"
_SIZES = {"kg": ("kg", 1), "g": ("kg", 0.001), "cm": ("m", 0.01), "mm": ("m", 0.001), "m": ("m", 1), "km": ("m", 1000),
          "litre": ("l", 1), "liter": ("l", 1), "ml": ("l", 0.001), "mb": ("gb", 0.001), "gb": ("gb", 1)}  # fmt: skip
_MONTHS = "january february march april may june july august september october november december".split()
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_RANGE = rf"(?P<low>{_NUMBER})(?:\s?(?:to|and|or|-|\u2013)\s?(?P<high>{_NUMBER}))?"
_PERIOD = rf"(?:\s?(?:a|an|per|each|every|/)\s?(?P<period>{_UNITS})\b)?"
_FREE = r"\b(?:(?:is|are|be) free|free of charge|no charge|at no cost|costs? nothing|for free)\b(?! (?:to|from)\b)"
_PATTERNS = [
    ("phone", re.compile(r"(?<![\w£$€])\+?\d[\d ]{6,}\d\b")),
    ("date", re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b")),
    ("date", re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<name>{'|'.join(_MONTHS)})\b")),
    ("date", re.compile(rf"\b(?P<name>{'|'.join(_MONTHS)}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b")),
    ("time", re.compile(r"\b(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? ?(?P<half>am|pm)\b")),
    ("time", re.compile(r"\b(?P<hour>\d{1,2}):(?P<minute>\d\d)()\b")),
    ("money", re.compile(rf"[£$€]\s?{_RANGE}{_PERIOD}")),
    ("money", re.compile(rf"{_RANGE} (?:pounds?|euros?|dollars?|gbp|eur|usd)\b{_PERIOD}")),
    ("free", re.compile(_FREE)),
    ("percent", re.compile(rf"{_RANGE}\s?(?:%|per ?cent\b)")),
    (
        "duration",
        re.compile(rf"{_RANGE}[ -](?:full |calendar )?(?P<working>working |business )?(?P<unit>{_UNITS})s?\b"),
    ),
    ("size", re.compile(rf"{_RANGE} ?(?P<size>kg|g|cm|mm|km|m|ml|mb|gb|litre|liter)s?\b")),
    ("weekday", re.compile(rf"\b(?P<weekday>{'|'.join(_WEEKDAYS)})s?\b")),
    ("count", re.compile(rf"(?<![\w.,]){_RANGE}(?![\w])(?: (?:wrong |new |different )?(?P<noun>[a-z]{{3,}}))?")),
]
_BELOW = re.compile(r"(?:up to|at most|no more than|no later than|less than|within|under|below|maximum(?: of)?)\s*$")
_ABOVE = re.compile(r"(?:at least|more than|no less than|over|above|from|minimum(?: of)?)\s*$")
_COUNTED = re.compile(rf"\b({'|'.join(_WORDS)})\b(?=[ -](?!of\b)(?:to |or )?(?:\w+ )?\w)")


@dataclass(frozen=True)
class Value:
    """kind: with its unit, "money/month";  low, high: equal but for a range;  bound: < at most, > at least"""

    kind: str
    low: float
    high: float
    bound: Bound = ""

    def agrees(self, other: "Value") -> bool:
        """Whether both can be true of one thing.

        >>> Value("duration", 3, 5).agrees(Value("duration", 5, 5))
        True
        """
        if self.bound == other.bound:
            inside = self.low <= other.low and other.high <= self.high
            return inside or (other.low <= self.low and self.high <= other.high)
        if self.bound and other.bound:
            return True  # at most 10, at least 3: neither says how many
        limit, exact = (self, other) if self.bound else (other, self)
        return exact.high <= limit.high if limit.bound == "<" else exact.low >= limit.low


def read_values(text: str) -> tuple[list[Value], str]:
    """returns: the values of a statement in order, and its words without them

    >>> read_values("Refunds take up to five working days.")[0]
    [Value(kind='duration/working', low=5.0, high=5.0, bound='<')]
    """
    rest = _COUNTED.sub(lambda found: _WORDS[found[1]], text.lower().replace("\u2019", "'"))
    values: list[tuple[int, Value]] = []
    for kind, pattern in _PATTERNS:
        for found in list(pattern.finditer(rest)):
            for value in _values(kind, found, _bound(rest[: found.start()])):
                values.append((found.start(), value))
            noun = f" {found['noun']} " if kind == "count" and found["noun"] else " "
            blank = noun.strip().rjust(len(found[0])) if noun.strip() else " " * len(found[0])
            rest = rest[: found.start()] + blank + rest[found.end() :]
    return [value for _, value in sorted(values, key=lambda item: item[0])], rest


def differ(one: Sequence[Value], other: Sequence[Value]) -> str:
    """The kind in which two statements of the same thing contradict each other; empty for none."""
    for kind in dict.fromkeys(value.kind for value in one):
        mine, theirs = ([value for value in values if value.kind == kind] for values in (one, other))
        if len(mine) == len(theirs) and any(not a.agrees(b) for a, b in zip(mine, theirs, strict=True)):
            return kind.split("/")[0].split(":")[0]
    return ""


def _bound(before: str) -> Bound:
    if _BELOW.search(before):
        return "<"
    return ">" if _ABOVE.search(before) else ""


def _values(kind: str, found: re.Match[str], bound: Bound) -> Iterator[Value]:
    parts = found.groupdict()
    low, high = 0.0, 0.0
    if "low" in parts:
        low = _number(parts["low"])
        high = _number(parts["high"]) if parts["high"] else low
    match kind:
        case "phone":
            yield Value(kind, _number(re.sub(r"\D", "", found[0])), _number(re.sub(r"\D", "", found[0])))
        case "date":
            month = int(parts["month"]) if parts.get("month") else _MONTHS.index(parts["name"]) + 1
            yield Value(kind, month * 100 + int(parts["day"]), month * 100 + int(parts["day"]))
        case "time":
            hour = int(parts["hour"]) % 12 + 12 * (parts["half"] == "pm") if parts.get("half") else int(parts["hour"])
            at = hour * 60 + int(parts["minute"] or 0)
            yield Value(kind, at, at)
        case "free":
            yield Value("money", 0, 0)
        case "money":
            yield Value(f"money/{parts['period']}" if parts["period"] else "money", low, high, bound)
        case "percent":
            yield Value(kind, low, high, bound)
        case "duration":
            days = _DAYS[parts["unit"]]
            yield Value("duration/working" if parts["working"] else kind, low * days, high * days, bound)
        case "size":
            unit, factor = _SIZES[parts["size"]]
            yield Value(f"size/{unit}", low * factor, high * factor, bound)
        case "weekday":
            at = _WEEKDAYS.index(parts["weekday"])
            yield Value(kind, at, at)
        case _:
            yield Value(f"count:{(parts['noun'] or '').rstrip('s')}", low, high, bound)


def _number(written: str) -> float:
    return float(written.replace(",", ""))
