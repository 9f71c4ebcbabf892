"""Warnings about the knowledge on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from apps.customer_service.schemas.asking import Audience

WarningId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Side(BaseModel):
    """One of the two places. text: exactly the document's text[start:end]"""

    document: str
    title: str
    source: str
    text: str
    start: int
    end: int
    audience: Audience
    valid_until: str | None


class Warning_(BaseModel):  # noqa: N801  a builtin has the name without the dash
    """Two documents that say the same twice, or that contradict each other.

    about: of a contradiction: duration, money, percent, date, time, count, … or negation
    similarity: cosine of the two statements (contradiction) or passages (duplicate)
    """

    id: str
    kind: Literal["contradiction", "duplicate"]
    about: str
    similarity: float
    one: Side
    other: Side
