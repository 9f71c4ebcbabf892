"""What the pages send where a step needs no words."""

from __future__ import annotations

from pydantic import BaseModel


class Nothing(BaseModel):
    """An empty body."""
