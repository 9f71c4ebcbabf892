"""Lists in pages: an opaque cursor and the page that carries it. Knows no table."""

import base64
import binascii
import hashlib
import json
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from core.errors import Invalid

T = TypeVar("T")
Position = str | int | float

PageSize = Annotated[int, Field(ge=1, le=200, description="most items in one answer")]
Cursor = Annotated[str | None, Field(description="`next_cursor` of the page before")]

_CHECK = 6  # bytes of checksum: a cut-off or hand-edited cursor is noticed, which is all that is asked of it
_LONGEST = 2_000


class BadCursor(Invalid):
    """A cursor that this list did not give out."""

    def __init__(self) -> None:
        super().__init__("the cursor is damaged or belongs to another list", remedy="start again without a cursor")


class Page(BaseModel, Generic[T]):
    """One page of a list. next_cursor: send it as `cursor` to get the next page; null on the last one."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(**position: Position) -> str:
    """Say where a page ended, in letters that are safe in a URL. A cursor is no secret and grants nothing.

    >>> decode_cursor(encode_cursor(id=7), id=int)
    {'id': 7}
    """
    content = json.dumps(position, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_checksum(content) + content).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, **expected: type[Position]) -> dict[str, Position] | None:
    """Where to go on, or None at the start of the list.

    expected: name and type of each part of the position
    raises: BadCursor when it is not one that `encode_cursor` made with just these parts
    """
    if not cursor:
        return None
    try:
        if len(cursor) > _LONGEST:
            raise BadCursor
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, content = raw[:_CHECK], raw[_CHECK:]
        if check != _checksum(content):
            raise BadCursor
        position = json.loads(content)
    except (UnicodeError, binascii.Error, ValueError) as error:
        raise BadCursor from error
    if not isinstance(position, dict) or position.keys() != expected.keys():
        raise BadCursor
    if not all(_fits(position[name], kind) for name, kind in expected.items()):
        raise BadCursor
    return position


def _fits(value: object, kind: type[Position]) -> bool:
    # bool is an int to Python; a database refuses NUL in text and integers beyond 64 bits
    if type(value) is not kind:
        return False
    return not (isinstance(value, str) and "\x00" in value) and not (isinstance(value, int) and abs(value) >= 2**63)


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2s(content, digest_size=_CHECK, person=b"cursor").digest()
