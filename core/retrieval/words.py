"""Words as the lexical view counts them: folded, stemmed, with their rarity left to the index. Keeps no texts."""

import re
import threading
import unicodedata

import snowballstemmer

from core.remembering import remembered

_APOSTROPHE = re.compile("['\u2019]")
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:['\u2019][^\W\d_]+)?")


class _Stemmers(threading.local):
    """One for each thread: a stemmer keeps the word it works on in itself."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")


_stemmers = _Stemmers()

# Words that carry no topic in a question. Short on purpose: rarity does most of the work.
STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being but by can cannot could d did do
    does doing don for from further get got had has have having he her here hers him his how i if in into is it
    its just ll m may me might more most my no nor not now of off on once only or other our out over own please re
    s same she should so some such t than that the their them then there these they this those through to too
    under until up us ve very was we were what when where which while who whom why will with would you your yours
    hello hi hey thanks thank
    """.split()
)


@remembered(most=100_000)
def stem(word: str) -> str:
    """The index form of one folded word.

    >>> stem("deliveries"), stem("delivery")
    ('deliveri', 'deliveri')
    """
    return word if any(letter.isdigit() for letter in word) else str(_stemmers.english.stemWord(word))


def fold(text: str) -> str:
    """Case, accents and compatibility forms folded away.

    >>> fold("Café №1")
    'cafe no1'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def words_of(text: str) -> list[str]:
    """All words of a text in order, folded, not stemmed.

    >>> words_of("Where's my £3.95 refund?")
    ['where', 'my', '3.95', 'refund']
    """
    return [_APOSTROPHE.split(word)[0] for word in _WORD.findall(fold(text))]


def terms_of(text: str) -> list[str]:
    """The terms of a text in order: folded, stemmed, without stop words.

    >>> terms_of("What are the delivery charges?")
    ['deliveri', 'charg']
    """
    return [stem(word) for word in words_of(text) if word not in STOP_WORDS]
