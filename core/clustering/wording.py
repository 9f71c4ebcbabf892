"""Words that name a group of messages, taken from the messages themselves. Groups nothing."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.retrieval.words import STOP_WORDS, stem, words_of

FEWEST, MOST = 2, 5  # words of a label
MOST_WORDS = 60  # of a message that are looked at: what it wants stands early, and a pasted log would drown the others
WITHOUT_WORDS = "no words"

# Words that say that something is wanted, not what. A label neither begins nor ends with them.
FILLERS = STOP_WORDS | frozenset(
    """actually ago ain already anything aren back been bit calling couldn couple day days didn doesn done else ever
    everything fine getting give go going gonna good great guys hasn haven help helped helping isn kind know last lately
    let like little ll ll lot make maybe ma morning afternoon evening much need needed needing never new next oh ok okay
    one please possible problem question questions quick really right said say see seem sir sorry sort still sure take
    tell thing things think time today tomorrow took tried try trying uh um hmm use using ve wanna want wanted wanting
    wants wasn way weren well wondering wouldn won wouldn yeah yep yes yesterday able hoping looking wish
    zero two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty
    ninety hundred thousand first second third since
    """.split()
)


@dataclass
class _Phrase:
    """Where one phrase, counted by the stems of its words, stands."""

    groups: Counter[int] = field(default_factory=Counter)
    written: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def name_groups(texts: Sequence[str], groups: Sequence[int], typical: Sequence[Sequence[int]]) -> list[str]:
    """A label of 2 to 5 words a group, no two alike as long as the messages have words enough.

    A label is a run of words that many messages of the group share and few others have. Where no two neighbouring words
    are shared, it is the group's most telling words in the order of its most typical message.

    groups: (n,) the group of each text, 0 … g-1;  typical: positions of each group's most typical texts, best first
    returns: (g,)

    >>> name_groups(["cancel my order", "I want to cancel my order", "lost card", "my lost card"], [0, 0, 1, 1],
    ...             [[0], [2]])
    ['cancel my order', 'lost card']
    """
    words = [words_of(text)[:MOST_WORDS] for text in texts]
    phrases = _phrases(words, groups)
    sizes = Counter(groups)
    taken: set[frozenset[str]] = set()
    labels: list[str] = []
    candidates: dict[int, list[tuple[float, str, frozenset[str]]]] = defaultdict(list)
    for stems, phrase in phrases.items():
        for group, count in phrase.groups.items():
            # One message alone does not make a phrase, save in a group that is hardly larger.
            if count >= min(2, sizes[group]):
                score = _telling(count, sizes[group], phrase.groups.total(), len(texts)) * len(stems) ** 0.5
                best = min(phrase.written[group].items(), key=lambda item: (-item[1], item[0]))[0]
                candidates[group].append((-score, best, frozenset(stems)))
    for group in range(len(typical)):
        options = sorted(candidates[group])
        runs = [option for option in options if len(option[1].split()) >= FEWEST]
        chosen = next((option for option in runs if option[2] not in taken), None)
        if chosen is None or (options and chosen[0] > 0.5 * options[0][0]):
            # The runs say much less than a single word does: take the most telling words instead.
            single = [min(option[2]) for option in options if len(option[2]) == 1]
            joined = _joined(single, [words[at] for at in typical[group]])
            if joined is not None and frozenset(map(stem, joined)) not in taken:
                chosen = (0.0, " ".join(joined), frozenset(map(stem, joined)))
        label = chosen[1] if chosen else _as_written(words, typical[group])
        taken.add(chosen[2] if chosen else frozenset(map(stem, label.split())))
        labels.append(label)
    return labels


def _phrases(words: Sequence[Sequence[str]], groups: Sequence[int]) -> dict[tuple[str, ...], _Phrase]:
    """Every run of up to MOST words that begins and ends with a word of substance and has at most three of them."""
    found: dict[tuple[str, ...], _Phrase] = defaultdict(_Phrase)
    for text, group in zip(words, groups, strict=True):
        here: dict[tuple[str, ...], str] = {}
        weighty = [at for at, word in enumerate(text) if _has_substance(word)]
        for first, begin in enumerate(weighty):
            for last in range(first, min(first + 3, len(weighty))):
                end = weighty[last]
                if end - begin >= MOST:
                    break
                key = tuple(stem(text[at]) for at in weighty[first : last + 1])
                if len(set(key)) == len(key):
                    here.setdefault(key, " ".join(text[begin : end + 1]))
        for key, written in here.items():
            found[key].groups[group] += 1
            found[key].written[group][written] += 1
    return found


def _has_substance(word: str) -> bool:
    """Numbers are somebody's account or date, never what a group is about."""
    return len(word) > 1 and word not in FILLERS and not any(letter.isdigit() for letter in word)


def _telling(here: int, size: int, everywhere: int, n: int) -> float:
    """How well a phrase tells the group from the others: its share of it times the log of how much rarer it is outside.

    here, everywhere: messages that have it, in the group and at all;  size, n: messages in the group and at all
    """
    outside = (everywhere - here + 0.5) / (n - size + 1)
    share = here / size
    return share * math.log1p(share / outside)


def _joined(stems: Sequence[str], typical: Sequence[Sequence[str]]) -> list[str] | None:
    """Two or three of the telling words in the order in which a typical message has them; None where none has two."""
    telling = set(stems[:3])
    for text in typical:
        order = dict.fromkeys(word for word in text if _has_substance(word) and stem(word) in telling)
        kept = list({stem(word): word for word in reversed(order)}.values())[::-1]
        if len(kept) >= FEWEST:
            return kept
    return None


def _as_written(words: Sequence[Sequence[str]], typical: Sequence[int]) -> str:
    """The beginning of the most typical message that has words."""
    text = next((words[at] for at in typical if words[at]), [])
    weighty = [word for word in text if _has_substance(word)]
    return " ".join((weighty if len(weighty) >= FEWEST else text)[:MOST]) or WITHOUT_WORDS
