"""Pairs of question and passage that the desk's own conversations teach, without personal data. Trains nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.customer_service.store import lessons
from apps.customer_service.store.lessons import Pointed
from core.database import Database
from core.errors import Conflict
from core.privacy import mask
from core.retrieval.collections import Collection

FEWEST = 40  # different questions: some 30 to learn from and 10 to compare with
KEPT_APART = 4  # one question in so many is only measured with
MOST_REWRITTEN = 0.5  # a draft of which an agent changed more did not stand on the right passage
MOST_OTHERS = 5_000  # passages of the knowledge base among which is searched when comparing
READ_AT_ONCE = 200


class TooFewLessons(Conflict):
    """Not enough was learned from customers yet."""

    def __init__(self, held: int) -> None:
        super().__init__(
            f"there are {held} different questions whose passage is known, and training needs {FEWEST}",
            remedy="publish proposals, and ask customers and agents to judge answers; then try again",
        )


@dataclass(frozen=True)
class Lesson:
    """A question as customers put it, masked, and the text of the passage that answers it. origin: who said so"""

    question: str
    passage: str
    origin: str


@dataclass(frozen=True)
class Lessons:
    """learned, measured: no question stands in both;  gone: passages that are not in the knowledge base any more

    counts: lessons by origin;  others: further passages of the knowledge base
    """

    learned: tuple[Lesson, ...]
    measured: tuple[Lesson, ...]
    counts: dict[str, int]
    gone: int
    others: tuple[str, ...]

    def check(self) -> None:
        """raises: TooFewLessons"""
        questions = {_same(lesson.question) for lesson in (*self.learned, *self.measured)}
        passages = {lesson.passage for lesson in self.learned}
        if len(questions) < FEWEST or len(passages) < 2 or not self.measured:
            raise TooFewLessons(len(questions))

    def rows_to_learn(self) -> list[dict[str, object]]:
        """As `trivium train retrieval` reads them."""
        return [{"query": one.question, "passage": one.passage} for one in self.learned]

    def rows_to_measure(self) -> list[dict[str, object]]:
        """As `trivium evaluate` reads them: the rest of the knowledge base stands among the first row's negatives."""
        rows: list[dict[str, object]] = [{"query": one.question, "passage": one.passage} for one in self.measured]
        if rows:
            first = _same(self.measured[0].question)
            good = {_same(one.passage) for one in self.measured if _same(one.question) == first}
            rows[0]["negatives"] = [text for text in self.others if _same(text) not in good]
        return rows


def gather(database: Database, collection: Collection, since: datetime | None = None) -> Lessons:
    """All lessons of a collection.

    since: what was said before that is left out
    """
    found: dict[str, list[Pointed]] = {}
    with database.session() as session:
        given = (session, collection.name, since)
        found["thumb_up"] = list(lessons.liked(*given))
        found["chosen"] = list(lessons.chosen(*given))
        found["published"] = list(lessons.published(*given))
        found["draft"] = list(lessons.accepted(*given, MOST_REWRITTEN))
    texts = _texts(collection, [one for each in found.values() for one in each])
    gone, kept = 0, dict[tuple[str, str], Lesson]()
    for origin, pointed in found.items():
        for one in pointed:
            text = texts.get((one.document, one.passage))
            question = mask(one.question).text.strip()
            if text is None or not question:
                gone += text is None
                continue
            kept.setdefault((_same(question), _same(text)), Lesson(question, text, origin))
    counts = {origin: sum(lesson.origin == origin for lesson in kept.values()) for origin in found}
    apart = {key: _is_kept_apart(key[0]) for key in kept}
    return Lessons(
        learned=tuple(lesson for key, lesson in kept.items() if not apart[key]),
        measured=tuple(lesson for key, lesson in kept.items() if apart[key]),
        counts=counts,
        gone=gone,
        others=tuple(_passages(collection)),
    )


def _texts(collection: Collection, pointed: Sequence[Pointed]) -> dict[tuple[str, str], str]:
    """The passages' own texts, as they are now."""
    keys = list(dict.fromkeys(one.document for one in pointed))
    texts: dict[tuple[str, str], str] = {}
    for first in range(0, len(keys), READ_AT_ONCE):
        for document in collection.documents(keys[first : first + READ_AT_ONCE]):
            for passage in document.passages:
                texts.setdefault((document.key, ""), passage.text)
                texts[document.key, passage.key] = passage.text
    return texts


def _passages(collection: Collection) -> Iterator[str]:
    """Texts of the knowledge base, at most MOST_OTHERS; questions that are known to have no answer are none."""
    after, left = "", MOST_OTHERS
    while left and (rows := collection.page(after=after, limit=READ_AT_ONCE)):
        after = rows[-1].key
        for document in collection.documents([row.key for row in rows if not row.meta.get("unanswered")]):
            for passage in document.passages[:left]:
                yield passage.text
            left -= len(document.passages[:left])


def _is_kept_apart(question: str) -> bool:
    """Always the same for the same question, so that what was measured with is never learned from later.

    >>> _is_kept_apart("where is my card") == _is_kept_apart("where is my card")
    True
    """
    return int.from_bytes(hashlib.sha256(question.encode()).digest()[:4]) % KEPT_APART == 0


def _same(text: str) -> str:
    return " ".join(text.casefold().split())
