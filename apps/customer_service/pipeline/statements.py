"""Do two statements contradict each other? The same thing said with another number, date, amount, or denied.

Words decide, the encoder only proposes pairs: for a sentence encoder "5 days" and "10 days", or "is" and "is not", are
nearly the same. Chosen on the tuning half of benchmarks/contradictions.tsv, for few false alarms.
"""

import re
from dataclasses import dataclass

from apps.customer_service.pipeline.values import Value, differ, read_values
from core.retrieval.words import stem, terms_of

LEAST_COSINE = 0.6  # of the two sentences
MOST_UNSHARED = 1  # words that only one of the two has; a second one mostly names a special case
SHARED_WITH_UNSHARED = 3  # words that both have where one has another: "the kettle", "the travel kettle" are two things
LEAST_SHARED = 1  # words that both have
SAME_TOPIC = 0.5  # share of the topics' words that are common, where the statement does not name its own subject

_NOT = re.compile(r"\b(?:not|never|no|none|cannot|neither|nor|unable|without|\w+n't)\b")
_NO_LONGER = re.compile(r"\bno (?:more|less|later|longer) than\b|\bnot only\b|\bno longer\b")
_CONDITION = re.compile(r"\b(?:if|when|unless|except|once|only)\b")
_REFERS = re.compile(r"^\W*(?:it|they|this|that|these|those)\b", re.IGNORECASE)
_PAIRS = (
    ("accept", "reject"), ("accept", "refuse"), ("accept", "decline"), ("allowed", "forbidden"),
    ("allowed", "prohibited"), ("included", "excluded"), ("possible", "impossible"), ("open", "closed"),
    ("required", "optional"), ("enabled", "disabled"), ("refundable", "non-refundable"),
)  # fmt: skip
_OPPOSITES = {frozenset((stem(one), stem(other))) for one, other in _PAIRS}
_FILLER = {
    "duration": "take takes last arrive arrives reach reaches need needs come comes get process processed long usually",
    "money": "cost costs charge charged charges fee price priced pay pays per order nothing much",
    "": "usually normally generally currently always simply about approximately maximum minimum least most within up "
    "still every each how what only",
}
_FILLERS = {kind: frozenset(stem(word) for word in words.split()) for kind, words in _FILLER.items()}


@dataclass(frozen=True)
class Statement:
    """A sentence, read. topic: words of the titles above it;  words: its own, without values and filler"""

    topic: frozenset[str]
    words: frozenset[str]
    values: tuple[Value, ...]
    negations: int
    has_condition: bool
    refers: bool


def read_statement(sentence: str, topic: str) -> Statement:
    """sentence: as it stands;  topic: titles above it

    >>> sorted(read_statement("Refunds take 5 days.", "Refunds").words)
    ['refund']
    """
    values, rest = read_values(sentence)
    kinds = {value.kind.split("/")[0] for value in values}
    filler = frozenset[str]().union(*(words for kind, words in _FILLERS.items() if not kind or kind in kinds))
    bare = _NO_LONGER.sub(" ", rest)
    words = frozenset(terms_of(_NOT.sub(" ", bare))) - filler
    return Statement(
        topic=frozenset(terms_of(topic)) - _FILLERS[""] - _FILLERS["duration"] - _FILLERS["money"],
        words=words,
        values=tuple(values),
        negations=len(_NOT.findall(bare)),
        has_condition=bool(_CONDITION.search(rest)),
        refers=bool(_REFERS.match(sentence)) or not words,
    )


def contradiction(one: Statement, other: Statement, cosine: float) -> str:
    """In what two statements contradict each other: "duration", "money", …, "negation"; empty when they do not.

    cosine: of the two sentences' vectors
    """
    if cosine < LEAST_COSINE or not _same_thing(one, other):
        return ""
    mine, theirs = one.words - other.words, other.words - one.words
    opposite = frozenset(mine | theirs) in _OPPOSITES
    denied = one.negations % 2 != other.negations % 2
    if denied or opposite:
        exact = opposite or not mine | theirs
        return "negation" if exact and denied != opposite and not differ(one.values, other.values) else ""
    unshared = len(mine | theirs)
    too_few = unshared and len(one.words & other.words) < SHARED_WITH_UNSHARED
    if unshared > MOST_UNSHARED or too_few or one.has_condition != other.has_condition:
        return ""
    return differ(one.values, other.values)


def _same_thing(one: Statement, other: Statement) -> bool:
    shared = one.words & other.words
    topics = one.topic & other.topic
    if one.refers or other.refers or len(shared) < LEAST_SHARED:
        either = one.topic | other.topic
        return bool(either) and len(topics) / len(either) >= SAME_TOPIC
    # What only one topic names and neither statement says may be what tells the two apart ("abroad", "at home").
    words = one.words | other.words
    apart = (one.topic - other.topic - words, other.topic - one.topic - words)
    return not all(apart) or len(shared) > LEAST_SHARED + 1
