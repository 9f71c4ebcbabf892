"""Draw up a proposal from what was said: the customers' wordings and a person's answer, without personal data. Writes
nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import shorten

from apps.customer_service.schemas.proposals import MOST_VARIANTS, MOST_WORDING_CHARACTERS
from apps.customer_service.store.gaps import Gap
from apps.customer_service.store.tables import EntryRow
from core.errors import Invalid
from core.privacy import mask


class NotAPersonsAnswer(Invalid):
    """An entry that cannot become an answer of the knowledge base."""

    def __init__(self, number: int) -> None:
        super().__init__(f"entry {number} is not a message of an agent", remedy="choose one that an agent wrote")


@dataclass(frozen=True)
class Drawn:
    """wordings: of the question, the best first;  answer: empty where nobody gave one yet"""

    wordings: list[str]
    answer: str


def from_answer(entries: Sequence[EntryRow], number: int) -> Drawn:
    """What a person's answer answered: the question that the desk could not, and what the customer wrote last.

    entries: of the conversation, in order
    raises: NotAPersonsAnswer
    """
    said = [entry for entry in entries if entry.kind == "message"]
    at = next((at for at, entry in enumerate(said) if entry.number == number), None)
    if at is None or said[at].role != "agent":
        raise NotAPersonsAnswer(number)
    before = said[:at]
    replies = [entry for entry in before if entry.role == "bot"]
    no_questions = {n for reply in replies if not _is_to_question(reply) for n in reply.data.get("replies_to", ())}
    unanswered = next(
        (e for e in reversed(replies) if _is_to_question(e) and e.data.get("action") in {"clarify", "handoff"}), None
    )
    wanted = set(unanswered.data.get("replies_to", ())) if unanswered is not None else set()
    lines = [entry for entry in before if entry.role == "customer" and entry.number not in no_questions]
    chosen = [entry for entry in lines if entry.number in wanted]
    last = lines[-1:] if not chosen or lines[-1].number not in wanted else []
    return Drawn(distinct(mask(entry.text).text for entry in [*chosen, *last]), mask(said[at].text).text.strip())


def from_gaps(gaps: Iterable[Gap]) -> Drawn:
    """The different wordings of questions that were not answered."""
    return Drawn(distinct(mask(gap.question).text for gap in gaps), "")


def distinct(wordings: Iterable[str]) -> list[str]:
    """Each once, in order, in one line, few and short enough to be searched by.

    >>> distinct(["Is it\\n open?", "is it open?", " "])
    ['Is it open?']
    """
    kept: dict[str, str] = {}
    for wording in wordings:
        line = shorten(wording, MOST_WORDING_CHARACTERS, placeholder="…")
        if line.strip("…"):
            kept.setdefault(line.casefold(), line)
    return list(kept.values())[: MOST_VARIANTS + 1]


def _is_to_question(reply: EntryRow) -> bool:
    return bool(reply.data.get("kind", "question") == "question")
