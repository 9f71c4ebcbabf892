"""Which companies a text names, where, and how much it is about each. Knows no SQL; the caller brings the companies.

Names are found in one pass through a trie of words; tickers by patterns. A name that is also an ordinary word is taken
for the company's only where enough speaks for it (`linking_doubt`). Thousands of texts a second, without a model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.finance_sentiment.pipeline import linking_words as known
from apps.finance_sentiment.pipeline.linking_doubt import ENOUGH, Setting, contradicted, setting_of, support
from apps.finance_sentiment.pipeline.linking_relevance import Places, relevance
from apps.finance_sentiment.pipeline.linking_tickers import Tickers
from apps.finance_sentiment.pipeline.linking_tokens import Trie, Words, phrase_of, words_of

Span = tuple[str, int, int]
"""Entity, start, end: characters."""

DOUBT = "?"
"""The last character of an alias that is also an ordinary word or name."""

_INITIALS = 5  # letters: names like "GE" and "ING" count only in capitals
_SAFE_SMALL = 5  # letters of a single-word name that is taken in small letters as well: "netflix"
_SAME_COMPANY = 3.0  # what a sure mention of the same company adds
_BESIDE_COMPANY = 2.0  # what a sure company adds that stands beside it in a list: "Delta, Lufthansa cut flights"
_OTHER_COMPANY = 0.5  # what any other sure company in the text adds
_BRACKET_WITHIN = 5  # characters behind a name


class Company(Protocol):
    """What of a company is needed to find it. An `EntityRow` is one."""

    id: str
    name: str
    tickers: list[str]
    aliases: list[str]
    context: list[str]
    anticontext: list[str]


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a text names a company. start, end: characters;  relevance: of the text to it, 0 to 100"""

    entity: str
    start: int
    end: int
    relevance: int


@dataclass(frozen=True, slots=True)
class _Name:
    """A way to write a company's name. initials: only in capitals;  words: how many it has"""

    entity: str
    doubtful: bool
    initials: bool
    words: int
    context: tuple[str, ...]
    anticontext: tuple[str, ...]


@dataclass(slots=True)
class _Candidate:
    """A name in a text, words `first` to `last`. sure: nothing has to speak for it

    contradicted: what stands right beside it makes it something else, whatever the rest of the text says
    """

    name: _Name
    first: int
    last: int
    sure: bool
    support: float
    contradicted: bool


class Linker:
    """Finds companies in texts. Built once for a list of companies; safe to share among threads."""

    def __init__(self, companies: Iterable[Company]) -> None:
        self._trie: Trie[_Name] = Trie()
        held = list(companies)
        self._tickers = Tickers({company.id: company.tickers for company in held})
        for company in held:
            for written, name in _names(company):
                self._trie.add(written, name)

    def link(self, text: str, title_ends: int | None = None) -> list[Mention]:
        """Find the companies that a text names, in the order in which they stand.

        title_ends: characters of `text` that are its title; None takes its first line, which of a headline is all
        """
        words = words_of(text)
        sure = [(entity, start, end) for entity, start, end in self._tickers.find(text)]
        candidates = self._candidates(words)
        sure += self._bracketed(text, candidates, words)
        accepted = _accepted(words, candidates, {entity for entity, _, _ in sure}) if candidates else []
        spans = [(one.name.entity, words.starts[one.first], words.ends[one.last - 1]) for one in accepted]
        spans = _apart(spans, sure, len(text))
        if title_ends is None:
            title_ends = len(text) if "\n" not in text else text.index("\n")
        subjects = {one.name.entity for one in accepted if _is_subject(words, one)}
        return _weighed(sorted(spans + sure, key=lambda one: one[1]), len(text), title_ends, subjects)

    def _candidates(self, words: Words) -> list[list[_Candidate]]:
        """Places that may name a company: at each, its readings by different companies."""
        places: list[list[_Candidate]] = []
        at, setting = 0, None
        while at < len(words.raw):
            last, usable = self._usable(words, at)
            if usable:
                setting = setting or setting_of(words)
                places.append([_weigh(setting, name, at, last) for name in usable])
            at = last
        return places

    def _usable(self, words: Words, at: int) -> tuple[int, list[_Name]]:
        """The longest name that begins with word `at`. returns: where to go on, its readings"""
        for last, names in self._trie.find(words, at):
            if usable := [name for name in names if not name.initials or _in_capitals(words, at, last)]:
                return last, usable
        plural = [
            name
            for name in self._trie.find_plural(words, at)
            if not name.doubtful and words.raw[at][: -1 if name.initials else 1].isupper()
        ]
        return at + 1, plural

    def _bracketed(self, text: str, places: list[list[_Candidate]], words: Words) -> Iterable[Span]:
        ends = {(one.name.entity, words.ends[one.last - 1]) for place in places for one in place}
        for entity, start, end in self._tickers.bracketed(text):
            if any((entity, start - gap) in ends for gap in range(1, _BRACKET_WITHIN)):
                yield entity, start, end


def _names(company: Company) -> Iterable[tuple[str, _Name]]:
    doubtful = {alias.removesuffix(DOUBT).casefold() for alias in company.aliases if alias.endswith(DOUBT)}
    context = tuple(phrase_of(word) for word in company.context)
    anticontext = tuple(phrase_of(word) for word in company.anticontext)
    written = [company.name, *(alias.removesuffix(DOUBT) for alias in company.aliases)]
    for name in dict.fromkeys(written):
        letters = [c for c in name if c.isalpha()]
        initials = bool(letters) and len(letters) <= _INITIALS and all(c.isupper() for c in letters)
        words = len(words_of(name).raw)
        yield name, _Name(company.id, name.casefold() in doubtful, initials, words, context, anticontext)


def _in_capitals(words: Words, first: int, last: int) -> bool:
    return all(word == word.upper() for word in words.raw[first:last])


def _weigh(setting: Setting, name: _Name, first: int, last: int) -> _Candidate:
    raw = setting.words.raw[first]
    small = raw[0].islower()
    plain = not small or (name.words == 1 and len(raw) >= _SAFE_SMALL) or any(c.isupper() for c in raw)
    against = contradicted(setting, first, last, name)
    sure = not name.doubtful and plain and not against
    return _Candidate(name, first, last, sure, 0.0 if sure else support(setting, first, last, name), against)


def _accepted(words: Words, places: list[list[_Candidate]], tagged: set[str]) -> list[_Candidate]:
    """One reading of each place that has one. tagged: companies whose ticker stands in the text"""
    strong = [one for place in places for one in place if one.sure or one.support >= ENOUGH]
    named = Counter(one.name.entity for one in strong)
    companies = tagged | named.keys()
    edges = {edge for one in strong if one.sure for edge in (one.first, one.last)}
    accepted = []
    for place in places:
        best = max(place, key=lambda one: (one.sure, one.support))
        if not (best.sure or best.contradicted or words.raw[best.first][0].islower()):
            entity = best.name.entity
            elsewhere = named[entity] > (best.support >= ENOUGH)
            best.support += _SAME_COMPANY * (entity in tagged or elsewhere)
            best.support += _BESIDE_COMPANY * _in_a_list(words, best, edges)
            best.support += _OTHER_COMPANY * (len(companies) > (entity in companies))
        if best.sure or best.support >= ENOUGH:
            accepted.append(best)
    return accepted


def _in_a_list(words: Words, one: _Candidate, edges: set[int]) -> bool:
    """Whether a sure company stands right beside it, behind a comma, "and" or "&"."""
    for at in (one.first, one.last):
        if not 0 < at < len(words.raw):
            continue
        if words.gaps[at].strip() in {",", "&", "/"} and at in edges:
            return True
        if words.folded[at] == "and" and at + 1 in edges and at == one.last:
            return True
        if words.folded[at - 1] == "and" and at - 1 in edges and at == one.first:
            return True
    return False


def _apart(spans: Sequence[Span], taken: Sequence[Span], length: int) -> list[Span]:
    """Those that no ticker covers."""
    if not taken:
        return list(spans)
    covered = bytearray(length)
    for _, start, end in taken:
        covered[start:end] = b"x" * (end - start)
    return [span for span in spans if not any(covered[span[1] : span[2]])]


def _is_subject(words: Words, one: _Candidate) -> bool:
    if words.begins_sentence(one.first):
        return True
    return one.last < len(words.raw) and words.folded[one.last] in known.DOES


def _weighed(spans: Sequence[Span], length: int, title_ends: int, subjects: set[str]) -> list[Mention]:
    by_entity: dict[str, list[int]] = defaultdict(list)
    for entity, start, _ in spans:
        by_entity[entity].append(start)
    weights = {
        entity: relevance(
            Places(starts[0], len(starts), starts[0] < title_ends, entity in subjects), length, len(by_entity)
        )
        for entity, starts in by_entity.items()
    }
    return [Mention(entity, start, end, weights[entity]) for entity, start, end in spans]
