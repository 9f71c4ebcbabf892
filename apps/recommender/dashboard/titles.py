"""What items are called, where only their ids are at hand."""

from __future__ import annotations

from apps.recommender.dashboard import going
from apps.recommender.schemas.items import ItemShown
from ui.client import ApiProblem, Client
from ui.holding import held

KEPT_S = 120.0


def title_of(client: Client, item: str) -> str:
    """The title of an item; its id where nobody sent it. raises: ApiProblem"""
    return held(f"recommend.title.{item}", KEPT_S, lambda: _read(client, item))


def _read(client: Client, item: str) -> str:
    try:
        return client.get(going.item_path(item), ItemShown).title or item
    except ApiProblem as problem:
        if problem.status == 404:
            return item
        raise
