"""What the desk itself says next in a conversation, and whether it hands over. Reads entries; writes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from apps.customer_service.pipeline import asking
from apps.customer_service.pipeline.answering import in_language, joined, reply
from apps.customer_service.pipeline.choosing import by_document, chosen
from apps.customer_service.pipeline.drafting import Drafter
from apps.customer_service.pipeline.understanding import understand
from apps.customer_service.pipeline.words import say
from apps.customer_service.schemas.asking import (
    MOST_QUESTION_CHARACTERS,
    Answer,
    AskQuery,
    Suggestion,
    Turn,
)
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.tables import EntryRow
from core.errors import Invalid
from core.ingest.sentences import split_sentences
from core.retrieval.collections import Collection

MOST_TURNS = 40  # the search reads the last few; more would only be carried along
MOST_HITS = 100  # among which a chosen document's best passage is looked for
Reason = Literal["not_answered", "unclear", "asked_for"]


class NotOffered(Invalid):
    """A choice that the desk's last question did not offer."""

    def __init__(self) -> None:
        super().__init__("this was not offered to choose from", remedy="choose one of the last reply's `suggestions`")


@dataclass(frozen=True)
class Reply:
    """text: for the customer;  data: what it stands on;  hand_over: why a person must go on, or None"""

    text: str
    data: dict[str, Any] = field(default_factory=dict)
    hand_over: Reason | None = None


@dataclass(frozen=True)
class Asked:
    """The customer's messages that are still to be answered, and what was said before them.

    numbers: of the messages;  choice: the document that the customer picked from the desk's last question
    """

    question: str
    numbers: list[int]
    turns: list[Turn]
    choice: Suggestion | None


def reply_to(
    entries: Sequence[EntryRow],
    collection: Collection,
    settings: SupportSettings,
    drafter: Drafter | None = None,
    *,
    heard: str | None = None,
    shown: Callable[[str], str] = str,
) -> Reply:
    """Answer the messages at the end.

    entries: up to the message that waits;  drafter: see `asking.ask`
    heard: that message in the customer's own words, where they are not stored;  shown: see `answering.reply`
    """
    asked = read(entries, heard)
    choice = asked.choice
    answer = answer_from(choice, asked.turns, collection, settings, drafter) if choice is not None else None
    if answer is None:
        query = AskQuery(question=asked.question, collection=collection.name, turns=asked.turns)
        answer = reply(query, lambda one: asking.ask(one, collection, settings, drafter), shown)
    data = answer.model_dump(mode="json", exclude={"answer"}) | {"replies_to": asked.numbers}
    if choice is not None:
        data["chosen"] = choice.document
    return decide(answer, data, _earlier_actions(entries), settings)


def decide(answer: Answer, data: dict[str, Any], earlier: Sequence[str], settings: SupportSettings) -> Reply:
    """The policy. earlier: actions of the desk's replies so far, oldest first

    A question back is asked once; when the next message is not clear either, a person takes over. So does one when
    `most_unanswered` messages in a row were not answered, and at once when the customer asks for one.
    """
    if answer.kind == "human":
        return Reply(answer.answer, data, "asked_for")
    if answer.action == "clarify":
        if earlier[-1:] == ["clarify"]:
            unsure = say("still_unsure", answer.language)
            return Reply(_told(answer, unsure), data | {"action": "handoff"}, "unclear")
        return Reply(answer.answer, data)
    if answer.action == "handoff":
        before = 0
        while before < len(earlier) and earlier[-1 - before] == "handoff":
            before += 1
        enough = before + 1 >= settings.most_unanswered
        own_words = say("passed_on" if enough else "not_known", answer.language)
        return Reply(_told(answer, own_words), data, "not_answered" if enough else None)
    return Reply(answer.answer, data)


def _told(answer: Answer, own_words: str) -> str:
    """What was answered of several questions, and once what the desk says to the rest."""
    return joined(answer.parts, {"handoff": own_words, "clarify": own_words}) if answer.parts else own_words


def read(entries: Sequence[EntryRow], heard: str | None = None) -> Asked:
    """Tell what is still to be answered from what was said before.

    Messages that a customer sent one after the other, before the desk said anything, are one question.

    heard: the last message in the customer's own words, where they are not stored
    """
    said = [entry for entry in entries if entry.kind == "message"]
    first = len(said)
    while first > 0 and said[first - 1].role == "customer":
        first -= 1
    open_now, before = said[first:], said[:first]
    words = [entry.text for entry in open_now]
    if heard is not None:
        words[-1:] = [heard]
    question = "\n".join(words).strip()[:MOST_QUESTION_CHARACTERS]
    turns = [Turn(role="user" if e.role == "customer" else "agent", text=e.text) for e in before[-MOST_TURNS:]]
    choice = _choice(open_now[-1], words[-1], offered(before)) if open_now else None
    return Asked(question, [entry.number for entry in open_now], turns, choice)


def offered(said: Sequence[EntryRow]) -> list[Suggestion]:
    """What the desk's question offers to choose from, where its question is what was said last."""
    last = next((entry for entry in reversed(said) if entry.kind == "message"), None)
    if last is None or last.role != "bot" or last.data.get("action") != "clarify":
        return []
    return [Suggestion.model_validate(one) for one in last.data.get("suggestions", [])]


def answer_from(
    choice: Suggestion,
    turns: Sequence[Turn],
    collection: Collection,
    settings: SupportSettings,
    drafter: Drafter | None = None,
) -> Answer | None:
    """Answer the question that was asked before the choice from the chosen document.

    turns: what was said before the choice
    returns: None when it is gone, or no longer for customers
    The confidence is the search's own, as if nothing had been chosen.
    """
    said = next((turn.text for turn in reversed(turns) if turn.role == "user"), choice.title)
    query = AskQuery(question=said[:MOST_QUESTION_CHARACTERS], collection=collection.name)
    found = asking.weigh(collection, f"{query.question} {choice.title}", (), k=MOST_HITS)
    its_own = [hit for hit in found.hits if hit.document == choice.document]
    if not its_own:
        return None
    others = [hit for hit in found.hits if hit.document != choice.document]
    judgement = asking.judged(replace(found, hits=[its_own[0], *others]), collection, settings)
    answer = asking.say(replace(judgement, action="answer"), query, collection, settings, drafter)
    return in_language(answer, understand(query.question, turns).language)


def pieces(text: str) -> list[str]:
    r"""A text sentence by sentence; joined, they are the text again.

    >>> pieces("It costs £5. [1]\nAbroad, £6. [2]")
    ['It costs £5. ', '[1]\n', 'Abroad, £6. ', '[2]']
    """
    starts = [0, *(start for start, _ in split_sentences(text) if start > 0), len(text)]
    return [text[a:b] for a, b in pairwise(starts) if a < b]


def _choice(message: EntryRow, words: str, suggestions: Sequence[Suggestion]) -> Suggestion | None:
    if key := message.data.get("choice"):
        return by_document(key, suggestions)
    return chosen(words, suggestions)


def _earlier_actions(entries: Sequence[EntryRow]) -> list[str]:
    """Of replies to what had to be understood: "thanks" between two unclear questions does not make them clear."""
    replies = [e for e in entries if e.kind == "message" and e.role == "bot"]
    return [str(e.data.get("action", "")) for e in replies if e.data.get("kind") not in {"small_talk", "human"}]
