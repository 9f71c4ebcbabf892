"""A draft for an agent: what the knowledge base says to the customer's last words, ready to edit and send.

Only what customers may see is quoted; internal documents that fit are named to the agent beside it.
"""

from collections.abc import Sequence

from apps.customer_service.pipeline import asking
from apps.customer_service.pipeline.confidence import in_words
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS, AskQuery, Turn
from apps.customer_service.schemas.desk import Draft
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.drafts import Drafts
from apps.customer_service.store.tables import EntryRow
from core.errors import Conflict
from core.retrieval.collections import Collections

INTERNAL = {"field": "audience", "operator": "==", "value": "internal"}
MOST_INTERNAL = 3
_UNLIKELY = 0.5  # less sure that the document is the right one: named to the agent instead of quoted


class NothingAsked(Conflict):
    """A chat in which the customer has said nothing yet."""

    def __init__(self) -> None:
        super().__init__("the customer has not written anything yet", remedy="greet them, or wait for a message")


def draft(
    chat: str,
    agent: str,
    conversations: Conversations,
    drafts: Drafts,
    collections: Collections,
    settings: SupportSettings,
) -> Draft:
    """Draft an answer to the customer's last words and keep it.

    raises: NoSuchConversation, NoSuchCollection, NothingAsked
    """
    row = conversations.get(chat)
    question, number, turns = last_question(conversations.entries(chat, kinds=("message",)))
    collection = collections.get(row.collection)
    query = AskQuery(question=question, turns=turns, collection=row.collection)
    judgement = asking.judge(query, collection, settings)
    hits, action, confidence = judgement.evidence.hits, judgement.action, judgement.right
    inside = asking.find(collection, question, turns, MOST_INTERNAL, where=INTERNAL, audience="internal")
    quotes = bool(hits) and (action == "answer" or (action == "clarify" and confidence >= _UNLIKELY))
    citations = asking.cite(hits[0], settings.most_sentences) if quotes else []
    kept = drafts.keep(
        chat,
        number,
        agent,
        question=question,
        action=action,
        confidence=round(confidence, 4),
        text="\n".join(citation.text for citation in citations),
        citations=[citation.model_dump() for citation in citations],
    )
    return Draft(
        id=kept.id,
        conversation=chat,
        number=number,
        question=question,
        action=action,
        confidence=kept.confidence,
        confidence_words=in_words(confidence),
        text=kept.text,
        citations=citations,
        suggestions=[] if citations else asking.suggest(hits),
        internal=asking.suggest(inside, MOST_INTERNAL),
    )


def last_question(said: Sequence[EntryRow]) -> tuple[str, int, list[Turn]]:
    """The customer's last words: what came since anybody else spoke, or else the last message.

    said: messages in order;  returns: the question, the number of its last message, and what was said before
    raises: NothingAsked
    """
    last = next((at for at in range(len(said) - 1, -1, -1) if said[at].role == "customer"), None)
    if last is None:
        raise NothingAsked
    first = last
    while first > 0 and said[first - 1].role in {"customer", "system"}:
        first -= 1
    question = "\n".join(entry.text for entry in said[first : last + 1] if entry.role == "customer")
    turns = [
        Turn(role="user" if entry.role == "customer" else "agent", text=entry.text)
        for entry in said[:first]
        if entry.role != "system"
    ]
    return question[-MOST_QUESTION_CHARACTERS:], said[last].number, turns[-asking.CONTEXT_TURNS :]
