"""What each side sees of a conversation: agents all of it, customers neither notes nor the desk's own remarks."""

from typing import Any

from apps.customer_service.pipeline.handoff import desk_may_answer
from apps.customer_service.schemas.conversations import Conversation, ConversationDetail, Entry
from apps.customer_service.store.tables import ConversationRow, EntryRow

FOR_CUSTOMERS = ("message", "state")
_OF_A_CITATION = ("number", "title", "heading", "text")
_OF_A_SUGGESTION = ("document", "title", "heading")


def is_pending(row: ConversationRow) -> bool:
    """Whether the desk itself still has to answer."""
    return row.pending is not None and desk_may_answer(row.state)  # type: ignore[arg-type]


def conversation(row: ConversationRow) -> Conversation:
    """For the customer."""
    return Conversation.model_validate(_common(row))


def detail(row: ConversationRow) -> ConversationDetail:
    """For agents."""
    same = ConversationDetail.model_fields.keys() - Conversation.model_fields.keys() - {"rating_comment", "metadata"}
    own = {name: getattr(row, name) for name in same}
    return ConversationDetail.model_validate(
        {**_common(row), **own, "rating_comment": row.csat_comment, "metadata": row.meta}
    )


def customer_may_see(entry: EntryRow) -> bool:
    """Whether an entry is for the customer at all."""
    return entry.kind in FOR_CUSTOMERS


def entry(row: EntryRow, *, whole: bool) -> Entry:
    """One entry. whole: as agents see it; a customer must see only what `customer_may_see` lets through"""
    return Entry.model_validate(
        {
            "number": row.number,
            "kind": row.kind,
            "role": row.role,
            "author": row.author if whole else None,
            "text": row.text,
            "data": row.data if whole else _data_for_customers(row),
            "client_id": row.client_id if whole or row.role == "customer" else None,
            "created_at": row.created_at,
        }
    )


def _common(row: ConversationRow) -> dict[str, Any]:
    names = ("id", "customer", "collection", "channel", "language", "state", "last_number", "created_at", "updated_at")
    return {name: getattr(row, name) for name in names} | {"pending": is_pending(row), "rating": row.csat}


def _data_for_customers(row: EntryRow) -> dict[str, Any]:
    """Named one by one: what is added to an entry later stays inside until it stands here."""
    data = row.data
    if row.kind == "state":
        return {name: data[name] for name in ("before", "after") if name in data}
    if row.role == "customer":
        return {"choice": data["choice"]} if "choice" in data else {}
    if row.role != "bot":
        return {}
    shown: dict[str, Any] = {name: data[name] for name in ("action", "replies_to") if name in data}
    shown["citations"] = [{name: one[name] for name in _OF_A_CITATION} for one in data.get("citations", [])]
    offers = data.get("suggestions", []) if data.get("action") == "clarify" else []
    shown["suggestions"] = [{name: one[name] for name in _OF_A_SUGGESTION} for one in offers]
    return shown
