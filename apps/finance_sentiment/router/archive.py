"""The archive over HTTP: documents by company, time, mood, source, story or meaning; a company's stories; files."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from apps.finance_sentiment.pipeline import archive as pipeline
from apps.finance_sentiment.pipeline.archive_index import EVERY_S, open_archive_index
from apps.finance_sentiment.pipeline.entities import LiveEntities
from apps.finance_sentiment.pipeline.tables import Row
from apps.finance_sentiment.router.entities import EntityPath
from apps.finance_sentiment.router.files import FILES, Format, downloaded
from apps.finance_sentiment.schemas.archive import MOODS, DocumentShown, EntityStory, Mood
from apps.finance_sentiment.schemas.entities import EntityId
from apps.finance_sentiment.store.archive import Wanted
from core.app import Services
from core.auth.access import require
from core.paging import Cursor, Page, PageSize
from core.server.written import written

LARGEST_ID = 2**53

From = Annotated[datetime | None, Query(alias="from", description="published then or later")]
To = Annotated[datetime | None, Query(alias="to", description="published earlier")]
Words = Annotated[
    str,
    Query(
        max_length=500,
        description="what it is about: the best `limit` are given, without further pages, of the newest documents "
        "(`searchable_documents`) that are the first of their story; a new one is found some seconds after it was read",
    ),
]


def add_routes(router: APIRouter, services: Services, live: LiveEntities) -> None:
    """List, search, export; a company's stories. Has the index follow the archive."""
    readers = [Depends(require("finance:read"))]
    index = services.once(open_archive_index)
    archive = index.archive
    services.scheduler.every("finance.index", EVERY_S, index.follow)

    def names() -> dict[str, str]:
        return {key: row.name for key, row in live.now().rows.items()}

    @router.get("/documents", dependencies=readers, response_model=Page[DocumentShown], responses=FILES)
    def list_documents(
        q: Words = "",
        entity: Annotated[EntityId | None, Query(description="that say something of this company")] = None,
        begin: From = None,
        end: To = None,
        mood: Annotated[Mood | None, Query(description=MOODS)] = None,
        source: Annotated[str | None, Query(max_length=64, description="id of a source")] = None,
        story: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="that tell this story")] = None,
        format: Annotated[Format, Query(description="csv and parquet give all of them")] = "json",  # noqa: A002
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Response:
        """List documents, the newest first, or those that fit some words best; with what they say of companies."""
        wanted = Wanted(entity, begin, end, mood, source, story)
        words = q.strip()
        if format != "json":
            rows: Iterator[Row] = (
                chain.from_iterable(pipeline.flat(held, names()) for held in index.search(words, wanted, limit))
                if words
                else pipeline.exported(archive, wanted, names())
            )
            return downloaded(rows, pipeline.COLUMNS, f"documents-{entity or 'all'}", format)
        if words:
            return written(pipeline.search(index, words, wanted, cursor, limit, names()))
        return written(pipeline.documents(archive, wanted, cursor, limit, names()))

    @router.get("/entities/{entity}/stories", dependencies=readers)
    def list_stories(
        entity: EntityPath,
        begin: From = None,
        end: To = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[EntityStory]:
        """List a company's stories, the newest first; `GET /documents?story=…` has the documents of one."""
        live.entities.get(entity)
        return pipeline.stories(archive, entity, begin, end, cursor, limit)
