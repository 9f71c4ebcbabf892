"""Conversations over HTTP."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from apps.customer_service.pipeline import listing, rating, showing
from apps.customer_service.pipeline.conversing import Desk, Received, deltas
from apps.customer_service.pipeline.following import Following
from apps.customer_service.schemas.conversations import (
    Begun,
    Conversation,
    ConversationDetail,
    Entries,
    Entry,
    Exchange,
    NewConversation,
    NewFeedback,
    NewMessage,
    NewRating,
    Piece,
    Silence,
    State,
)
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.conversations import Conversations
from core.app import Services
from core.auth.access import Caller, MissingScope, require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize
from core.server.events import HEARTBEAT, MEDIA_TYPE, event, streamed, wants_events
from core.server.written import written

CHAT, AGENT = "support:chat", "support:agent"
ANSWERS_LEFT_BEHIND_EVERY_S = 2.0

Id = Annotated[str, Path(max_length=40)]
After = Annotated[int, Query(ge=0, le=2**31, description="number of the last entry that is known")]
Known = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**31, description="goes before `after`")]
Filter = Annotated[str | None, Query(max_length=200)]
AS_EVENTS: dict[str, Any] = {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}


def sees_all(
    caller: Annotated[Caller, Depends(require())],
    view: Annotated[Literal["customer"] | None, Query(description="see what the customer sees")] = None,
) -> bool:
    """Whether the caller sees a conversation as agents do.

    raises: MissingScope
    """
    if caller.may(AGENT):
        return view is None
    if caller.may(CHAT):
        return False
    raise MissingScope(CHAT)


def add_routes(router: APIRouter, services: Services, settings: SupportSettings, desk: Desk) -> None:
    """Begin, write, read, follow, ask for a person, judge; a job answers what dead processes left."""
    conversations = desk.conversations
    services.scheduler.every(
        "customer_service.answer-left-behind", ANSWERS_LEFT_BEHIND_EVERY_S, desk.answer_left_behind
    )
    _add_writing(router, desk)
    _add_reading(router, conversations, Following(conversations, services.stopping), settings)
    _add_judging(router, conversations)


def _add_writing(router: APIRouter, desk: Desk) -> None:
    chats, whole = Depends(require(CHAT)), Depends(sees_all)

    @router.post("/conversations", dependencies=[chats, Depends(idempotent)], status_code=201)
    def begin_conversation(new: NewConversation, whole: Annotated[bool, whole]) -> Begun:
        """Begin a conversation, with or without its first message."""
        chat = desk.begin(new)
        exchange = None
        if new.message is not None:
            exchange = desk.exchange(desk.receive(chat, new.message), whole=whole)
        return Begun(conversation=showing.conversation(desk.conversations.get(chat)), exchange=exchange)

    @router.post(
        "/conversations/{chat}/messages",
        dependencies=[chats],
        status_code=201,
        response_model=Exchange,
        responses={201: AS_EVENTS},
    )
    def send_message(
        chat: Id, new: NewMessage, whole: Annotated[bool, whole], accept: Annotated[str | None, Header()] = None
    ) -> Response:
        """Write as the customer; the desk itself answers, unless a person does.

        With `Accept: text/event-stream` the answer comes as events: `message` as soon as it is stored, the reply in
        pieces (`delta`) and whole (`reply`), or `silent` where the desk says nothing.
        """
        received = desk.receive(chat, new)
        if wants_events(accept):
            return streamed(_exchange_events(desk, received, whole=whole), 201)
        answer = written(desk.exchange(received, whole=whole))
        answer.status_code = 201
        return answer

    @router.post("/conversations/{chat}/handoff", dependencies=[chats])
    def want_human(chat: Id) -> Conversation:
        """Ask for a person, at any time; asking twice changes nothing."""
        return showing.conversation(desk.want_human(chat))


def _add_reading(
    router: APIRouter, conversations: Conversations, following: Following, settings: SupportSettings
) -> None:
    agents, whole = Depends(require(AGENT)), Depends(sees_all)

    @router.get("/conversations", dependencies=[agents])
    def list_conversations(
        state: State | None = None,
        customer: Filter = None,
        queue: Filter = None,
        agent: Filter = None,
        text: Filter = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[ConversationDetail]:
        """List conversations, the newest first."""
        asked = {"state": state, "customer": customer, "queue": queue, "agent": agent, "text": text or None}
        return listing.page(conversations, asked, cursor, limit)

    @router.get("/conversations/{chat}", response_model=ConversationDetail | Conversation)
    def show_conversation(chat: Id, whole: Annotated[bool, whole]) -> Response:
        """Show how a conversation stands; a key of a channel sees less than one of agents."""
        row = conversations.get(chat)
        return written(showing.detail(row) if whole else showing.conversation(row))

    @router.get("/conversations/{chat}/entries")
    def list_entries(chat: Id, whole: Annotated[bool, whole], after: After = 0, limit: PageSize = 200) -> Entries:
        """List what happened in a conversation, in order."""
        return listing.entries(conversations, chat, after, limit, whole=whole)

    @router.get("/conversations/{chat}/events", response_class=Response, responses={200: AS_EVENTS})
    def follow_conversation(
        chat: Id, whole: Annotated[bool, whole], after: After = 0, last_event_id: Known = None
    ) -> Response:
        """Follow a conversation: each entry as an event, with its number as the event's id.

        The stream ends after a while; a client that comes again with the last id, as browsers do by themselves, misses
        nothing and gets nothing twice.
        """
        conversations.get(chat)
        following.check_room()
        start = after if last_event_id is None else last_event_id
        return streamed(_entry_events(following, chat, start, settings.events_last_s, whole=whole))


def _add_judging(router: APIRouter, conversations: Conversations) -> None:
    chats = Depends(require(CHAT))

    @router.post("/conversations/{chat}/entries/{number}/feedback", dependencies=[chats], status_code=204)
    def give_feedback(chat: Id, number: Annotated[int, Path(ge=1, le=2**31 - 1)], opinion: NewFeedback) -> None:
        """Say whether an answer helped; the latest opinion counts."""
        rating.give_feedback(conversations, chat, number, opinion)

    @router.post("/conversations/{chat}/rating", dependencies=[chats])
    def rate_conversation(chat: Id, score: NewRating) -> Conversation:
        """Rate the whole conversation from 1 to 5; the latest rating counts."""
        return showing.conversation(rating.rate(conversations, chat, score))


def _exchange_events(desk: Desk, received: Received, *, whole: bool) -> Iterator[bytes]:
    message = showing.entry(received.message, whole=whole)
    yield event("message", message.model_dump_json(), message.number)
    exchange = desk.exchange(received, whole=whole)
    for piece in deltas(exchange):
        yield event("delta", Piece(text=piece).model_dump_json())
    if exchange.reply is not None:
        yield event("reply", exchange.reply.model_dump_json(), exchange.reply.number)
    else:
        yield event("silent", Silence(state=exchange.state, pending=exchange.pending).model_dump_json())


async def _entry_events(
    following: Following, chat: str, after: int, lasting_s: float, *, whole: bool
) -> AsyncIterator[bytes]:
    yield HEARTBEAT  # so that a client knows at once that it is heard
    async for entry in following.follow(chat, after, lasting_s):
        if entry is None:
            yield HEARTBEAT
        elif whole or showing.customer_may_see(entry):
            shown: Entry = showing.entry(entry, whole=whole)
            yield event("entry", shown.model_dump_json(), shown.number)
