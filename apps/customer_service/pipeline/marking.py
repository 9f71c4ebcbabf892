"""Intents that agents mark: examples to train on."""

from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.schemas.desk import IntentCount, IntentCounts, MarkedMessage
from apps.customer_service.store.agents import held_agent
from apps.customer_service.store.intents import Intents, mark
from core.paging import Page, decode_cursor, encode_cursor


def mark_intent(team: Team, chat: str, number: int, intent: str | None, agent: str) -> None:
    """Say what a customer's message is about. raises: NoSuchConversation, NoSuchAgent, NoSuchMessage"""
    with team.conversations.change(chat) as change:
        held_agent(change.session, agent)
        mark(change, number, intent, agent)


def counts(intents: Intents) -> IntentCounts:
    """How often each was marked."""
    return IntentCounts(items=[IntentCount(intent=intent, count=count) for intent, count in intents.counts().items()])


def page(intents: Intents, cursor: str | None, limit: int) -> Page[MarkedMessage]:
    """Marked messages in a steady order. raises: BadCursor"""
    place = decode_cursor(cursor, conversation=str, number=int)
    after = (str(place["conversation"]), int(place["number"])) if place else None
    rows = intents.page(after, limit + 1)
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(
        items=[
            MarkedMessage(text=row.text, label=row.intent, conversation=row.conversation, number=row.number)
            for row in shown
        ],
        next_cursor=encode_cursor(conversation=shown[-1].conversation, number=shown[-1].number) if more else None,
    )
