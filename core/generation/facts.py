"""What in a sentence must not be invented: numbers with their units, names, quoted words, negations, limits. Pure."""

import re
from collections.abc import Iterable
from itertools import pairwise

from core.retrieval.words import STOP_WORDS, fold, stem, terms_of, words_of

Quantity = tuple[str, str]  # a number and what it counts: ("3.95", "£"), ("30", "day"); "" where nothing follows

_COUNT_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"sixteen": "16", "eighteen": "18", "twenty": "20", "thirty": "30", "sixty": "60", "ninety": "90"}
_COUNT_WORDS |= {
    word: str(number)
    for number, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=3
    )
}
_CURRENCIES = "£$€¥"
_NUMBER = re.compile(rf"([{_CURRENCIES}])?\s?(\d+(?:[.,:]\d+)*)\s?([{_CURRENCIES}%])?")
_COUNT = re.compile(rf"\b({'|'.join(_COUNT_WORDS)})\b", re.IGNORECASE)
_UNIT = re.compile(r"[\s-]*(?:(?:or|and|to|further|working|calendar|full|extra|whole|more|different)\s+)*([^\W\d_]+)")
_RANGE = re.compile(r"\s*(?:–|-|to|or|and)\s*\d+(?:[.,:]\d+)*")  # noqa: RUF001  both dashes stand between numbers
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,60})[\"”]")
_LITERAL = re.compile(  # e-mail addresses, domains with their paths, codes of letters and figures
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b(?:[\w-]{2,}\.)+[a-zA-Z]{2,}(?:/\S*)?|\b[A-Z]+\d+\w*|\b\d+[A-Z]\w*"
)
_CAPITAL = re.compile(r"\b[A-Z][\w’'-]*")  # noqa: RUF001  apostrophes of both kinds
_OPENS = re.compile(r"(?:^|[.!?:;]\s+|[\"“(•]\s*)$")
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september"
    " october november december".split()
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nor|neither|nobody|nothing|nowhere|cannot|without|unable|refused?|declined?)\b|n[’']t\b",  # noqa: RUF001
    re.IGNORECASE,
)
# A limit that a sentence sets must be set by its source, in one of the words of its kind.
_LIMITS = {
    kind: re.compile(rf"(?:{words})", re.IGNORECASE)
    for kind, words in {
        "before": r"\b(?:before|prior to|ahead|earlier|in advance|beforehand)\b",
        "after": r"\b(?:after|afterwards|once|later|since|following|ha(?:s|ve) (?:passed|ended))\b",
        "least": r"\b(?:at least|minimum|or (?:more|older|over|longer)|(?:more|longer|older|heavier) than|over|above"
        r"|exceed\w*|worth more|starts? at)\b",
        "most": r"\b(?:at most|maximum|up to|no(?:t)? more than|(?:less|fewer|shorter|cheaper|lighter) than|under|below"
        r"|within|or (?:less|fewer|under)|at the latest)\b",
        "only": r"\b(?:only|solely|exclusively|nothing but|unless|except)\b",
    }.items()
}
_OPPOSITES = {"before": "after", "after": "before", "least": "most", "most": "least"}
_STRICT = frozenset({"before", "only"})  # doubted even where the source sets no opposite limit
_PARTS = re.compile(
    r"[,;:()]|\b(?:and|or|but|because|since|as|if|so|while|although|unless|when|who|which|that|where)\b", re.IGNORECASE
)
_ANSWERS = re.compile(r"^\W*(?:yes|no)\b[,.:;!]\s*", re.IGNORECASE)  # "No, it is free." denies what was asked
_LEAST_TERMS = 3  # content words that a clause has, else it goes with the one before
_LONGEST_RUN = 4  # clauses of a source that are read as one
_CONTAINED = 0.8  # share of a denied clause's words that a sentence repeats


def quantities(text: str) -> set[Quantity]:
    """Numbers in figures or words, each with its currency, its per cent or the word that it counts.

    >>> sorted(quantities("Send it within thirty days; it costs £3.95."))
    [('3.95', '£'), ('30', 'day')]
    """
    found: set[Quantity] = set()
    for match in _NUMBER.finditer(text):
        unit = match[1] or match[3] or _unit(text, match.end())
        found.add((_plain(match[2]), unit))
    for match in _COUNT.finditer(text):
        found.add((_COUNT_WORDS[match[1].lower()], _unit(text, match.end())))
    return found


def invented_quantities(sentence: str, source: str) -> set[Quantity]:
    """Quantities of a sentence that its source does not state. "One" may stand for "a".

    >>> invented_quantities("It lasts 30 days from £60.", "It lasts 60 days and needs £30 or more.") == {
    ...     ("30", "day"), ("60", "£")}
    True
    """
    known = quantities(source)
    numbers = {number for number, _ in known}
    words = set(terms_of(source))
    units = {(number, unit) for number, unit in known if unit}
    free = {number for number, unit in known if not unit}
    return {
        (number, unit)
        for number, unit in quantities(sentence)
        if not (number == "1" and (not unit or unit in words))
        and (number not in numbers or (unit and number not in free and not _agrees(number, unit, units, source)))
    }


def names(text: str) -> set[str]:
    """Words with a capital that does not merely open a sentence, days and months, folded.

    >>> sorted(names("Pay with Google Pay on Monday."))
    ['google', 'monday', 'pay']
    """
    found = set()
    for match in _CAPITAL.finditer(text):
        opens = bool(_OPENS.search(text[: match.start()]))
        follows = text[match.end() : match.end() + 2]
        part_of_a_name = len(follows) == 2 and follows[0] == " " and follows[1].isupper()
        [word, *_] = words_of(match[0]) or [""]
        if not word or (word in STOP_WORDS and match[0] not in ("US", "IT")):
            continue
        if not opens or part_of_a_name or word in _CALENDAR:
            found.add(word)
    return found


def invented_names(sentence: str, source: str) -> set[str]:
    """Names of a sentence that stand nowhere in its source, in whatever case or ending."""
    known = set(words_of(source)) | set(terms_of(source)) | _initials(source)
    return {name for name in names(sentence) if name not in known and stem(name) not in known}


def invented_quotes(sentence: str, source: str) -> set[str]:
    """What a sentence quotes and its source does not say: words in quotation marks, addresses, codes.

    >>> sorted(invented_quotes('Use "Refund" and PBL12 at a@evil.example.', 'Use "Refund" at a@shop.example.'))
    ['PBL12', 'a@evil.example']
    """
    said, letters = " ".join(words_of(source)), fold(source)
    quotes = {quote for quote in _QUOTED.findall(sentence) if " ".join(words_of(quote)) not in said}
    return quotes | {literal for literal in _LITERAL.findall(sentence) if fold(literal) not in letters}


def negated(text: str) -> bool:
    """Whether it denies something.

    >>> negated("It can't be undone."), negated("It can be undone.")
    (True, False)
    """
    return bool(_NEGATION.search(_ANSWERS.sub("", text)))


def clauses(text: str) -> list[str]:
    """Parts of a sentence that say something of their own, in order.

    >>> clauses("The workshop resets the device and cannot recover any lost files.")
    ['The workshop resets the device ', 'and cannot recover any lost files.']
    """
    parts: list[str] = []
    for part in _pieces(text):
        if parts and (len(terms_of(parts[-1])) < _LEAST_TERMS or len(terms_of(part)) < _LEAST_TERMS):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def turned(sentence: str, sources: Iterable[str]) -> bool:
    """Whether it denies what the sources say, or says what they deny.

    Each of its clauses is held against the nearest stretch of the sources; where that is denied, so must be the clause.
    What the sources deny in few words may not be repeated without denial within more.
    """
    pieces = [_pieces(source) for source in sources]
    heard = [(_content(run), negated(run)) for parts in pieces for run in _runs(parts)]
    denied = [_content(part) for parts in pieces for part in parts if negated(part)]
    stated = [_content(part) for parts in pieces for part in parts if not negated(part)]
    for clause in clauses(sentence):
        terms, denies = _content(clause), negated(clause)
        if not terms or not heard:
            continue
        best = max(_overlap(terms, theirs) for theirs, _ in heard)
        if not any(_overlap(terms, theirs) >= best - 0.02 and other == denies for theirs, other in heard):
            return True
        if denies:
            continue
        for theirs in denied:
            repeated = theirs & terms
            if (
                len(theirs) > 1
                and len(repeated) >= _CONTAINED * len(theirs)
                and not any(repeated <= other for other in stated)
            ):
                return True
    return False


def moved_limits(sentence: str, source: str) -> set[str]:
    """Kinds of limit that a sentence sets and its source does not: "only", "before", and opposites of what it sets.

    >>> moved_limits("Ask at most 2 days ahead.", "Ask at least 2 days ahead.")
    {'most'}
    """
    ours, theirs = ({kind for kind, words in _LIMITS.items() if words.search(text)} for text in (sentence, source))
    return {kind for kind in ours - theirs if kind in _STRICT or _OPPOSITES[kind] in theirs}


def _pieces(text: str) -> list[str]:
    text = _ANSWERS.sub("", text)
    cuts = [0, *(match.start() for match in _PARTS.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if end > start]


def _content(text: str) -> set[str]:
    """Content words but those that deny."""
    return set(terms_of(_NEGATION.sub(" ", text)))


def _initials(text: str) -> set[str]:
    """Of names of several words: "uk" of "United Kingdom"."""
    found = re.findall(r"\b[A-Z]\w*(?:\s+(?:of\s+)?[A-Z]\w*)+", text)
    return {"".join(letter for letter in name if letter.isupper()).casefold() for name in found}


def _runs(parts: list[str]) -> list[str]:
    ends = ((a, b) for a in range(len(parts)) for b in range(a + 1, min(a + _LONGEST_RUN, len(parts)) + 1))
    return ["".join(parts[a:b]) for a, b in ends]


def _overlap(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _plain(number: str) -> str:
    """Without separators of thousands, zeros before and empty decimals: "1,200" -> "1200", "5.00" -> "5"."""
    number = re.sub(r",(?=\d{3}(?!\d))", "", number).lstrip("0") or "0"
    return re.sub(r"[.,:]0+$", "", number) if number[:1].isdigit() else f"0{number}"


def _unit(text: str, at: int) -> str:
    while ranged := _RANGE.match(text, at):  # of "3 to 5 days", both count days
        at = ranged.end()
    if text[at : at + 1] in ("%", *_CURRENCIES):
        return text[at]
    found = _UNIT.match(text, at)
    return stem(fold(found[1])) if found and fold(found[1]) not in STOP_WORDS else ""


def _agrees(number: str, unit: str, known: set[Quantity], source: str) -> bool:
    """Whether the number counts that, or counts a thing that is described before the unit is named."""
    if (number, unit) in known:
        return True
    if unit in _CURRENCIES or unit == "%":
        return False
    counted = {theirs for theirs_number, theirs in known if theirs_number == number}
    return (
        not counted & set(_CURRENCIES)
        and unit not in {other for other_number, other in known if other_number != number}
        and unit in terms_of(source)
    )
