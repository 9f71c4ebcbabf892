"""Erasure on the wire."""

from pydantic import BaseModel


class Erased(BaseModel):
    """What went: conversations, their entries, and kept answers to writes that told of them."""

    conversations: int
    entries: int
    answers: int
