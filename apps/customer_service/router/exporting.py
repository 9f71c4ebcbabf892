"""Export over HTTP."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from apps.customer_service.pipeline.exporting import Mask, Wanted, rows
from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.store.exporting import Exports
from core.app import Services
from core.auth.access import require
from core.privacy import mask

JSON_LINES = "application/jsonl"


def add_routes(router: APIRouter, services: Services) -> None:
    """Read conversations out."""
    exports = Exports(services.database)

    @router.get(
        "/export",
        dependencies=[Depends(require("support:agent"))],
        response_class=Response,
        responses={200: {"content": {JSON_LINES: {"schema": {"type": "string"}}}}},
    )
    def export_conversations(
        since: Annotated[datetime | None, Query(description="that began then or later")] = None,
        until: Annotated[datetime | None, Query(description="that began earlier")] = None,
        collection: CollectionName | None = None,
        raw: Annotated[bool, Query(description="with personal data, unmasked")] = False,
    ) -> Response:
        """Read conversations out as JSON Lines, the oldest first; personal data is masked unless `raw` is asked for."""
        wanted = Wanted(since, until, collection)
        cleaning = None if raw else Mask(lambda text: mask(text).text, secrets.token_bytes(16))
        return StreamingResponse(_lines(exports, wanted, cleaning), media_type=JSON_LINES)


def _lines(exports: Exports, wanted: Wanted, cleaning: Mask | None) -> Iterator[bytes]:
    for row in rows(exports, wanted, cleaning):
        yield to_json(row) + b"\n"
