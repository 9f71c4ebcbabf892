"""Items, users and events as they are shown, in pages."""

from datetime import UTC, datetime

from apps.recommender.schemas.events import EventShown
from apps.recommender.schemas.items import ItemPatch, ItemShown
from apps.recommender.schemas.users import UserPatch, UserShown
from apps.recommender.store.history import Listed, list_events
from apps.recommender.store.item_tables import ItemRow
from apps.recommender.store.items import Items
from apps.recommender.store.visitor_tables import USER, VisitorRow
from apps.recommender.store.visitors import KnownUser, Visitors
from core.database import Database
from core.errors import Invalid
from core.paging import Page, decode_cursor, encode_cursor

NEVER_EMPTY = ("title", "description", "categories", "attributes", "hidden", "image_url")


class BadPatch(Invalid):
    """A change that cannot be made."""


def item_page(items: Items, known: bool | None, cursor: str | None, limit: int) -> Page[ItemShown]:
    """A page of the catalogue. raises: BadCursor"""
    place = decode_cursor(cursor, id=str)
    rows = items.page(str(place["id"]) if place else "", limit + 1, known=known)
    more = encode_cursor(id=rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[item(row) for row in rows[:limit]], next_cursor=more)


def item(row: ItemRow) -> ItemShown:
    """An item as it is shown."""
    return ItemShown.model_validate(row, from_attributes=True)


def item_with_events(row: ItemRow, events: int) -> ItemShown:
    """The same with how many events name it."""
    return item(row).model_copy(update={"events": events})


def patched(items: Items, name: str, patch: ItemPatch) -> ItemShown:
    """Change what a patch names. raises: NoSuchItem, BadPatch"""
    values = patch.model_dump(include=patch.model_fields_set)
    if empty := [field for field in NEVER_EMPTY if field in values and values[field] is None]:
        raise BadPatch(f"{empty[0]} cannot be null", remedy="leave it out, or give an empty value")
    return item(items.patch(name, values))


def user_page(visitors: Visitors, cursor: str | None, limit: int) -> Page[UserShown]:
    """A page of users. raises: BadCursor"""
    place = decode_cursor(cursor, id=str)
    rows = visitors.page(str(place["id"]) if place else "", limit + 1)
    more = encode_cursor(id=rows[limit - 1].id) if len(rows) > limit else None
    return Page(items=[user(row) for row in rows[:limit]], next_cursor=more)


def user(row: VisitorRow) -> UserShown:
    """A user as shown in a list."""
    return UserShown.model_validate(
        {name: getattr(row, name) for name in ("id", "known", "attributes", "consent", "created_at", "updated_at")}
    )


def known_user(found: KnownUser) -> UserShown:
    """A user with sessions and events."""
    return user(found.row).model_copy(update={"sessions": found.sessions, "events": found.events})


def patched_user(visitors: Visitors, name: str, patch: UserPatch) -> UserShown:
    """Change what a patch names. raises: NoSuchUser"""
    values = patch.model_dump(include=patch.model_fields_set)
    if values.get("attributes", {}) is None:
        raise BadPatch("attributes cannot be null", remedy="leave it out, or give an empty object")
    return user(visitors.patch(name, values))


def event_page(
    database: Database, user: str | None, session: str | None, item: str | None, cursor: str | None, limit: int
) -> Page[EventShown]:
    """A page of events, the newest first. raises: BadCursor"""
    place = decode_cursor(cursor, at=float, id=int)
    before = (float(place["at"]), int(place["id"])) if place else None
    rows = list_events(database, user=user, session=session, item=item, before=before, most=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(at=float(last.seconds), id=last.id) if last else None
    return Page(items=[_event(row) for row in rows[:limit]], next_cursor=more)


def _event(row: Listed) -> EventShown:
    return EventShown(
        id=row.id,
        user=row.visitor if row.kind == USER else None,
        session=None if row.kind == USER else row.visitor,
        item=row.item,
        title=row.title,
        type=row.type,
        timestamp=datetime.fromtimestamp(row.seconds, UTC),
        value=row.value,
        text=row.text,
        request=row.request,
    )
