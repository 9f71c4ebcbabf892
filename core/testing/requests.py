"""A request that shows an app's main job: what `trivium bench serve` sends, many times over."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SampleRequest:
    """method, path and JSON body of one request"""

    method: str
    path: str
    body: dict[str, Any] | None = None
