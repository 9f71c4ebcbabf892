"""Documents over HTTP: what other programs bring, and one of those that are held."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.finance_sentiment.pipeline import documents as pipeline
from apps.finance_sentiment.pipeline.backlog import backlog
from apps.finance_sentiment.pipeline.opening import open_scorer
from apps.finance_sentiment.pipeline.showing import with_readings
from apps.finance_sentiment.schemas.documents import Backlog, DocumentRead, Push, Pushed
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.documents import Documents
from apps.finance_sentiment.store.readings import Readings
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent

DocumentPath = Annotated[int, Path(ge=1, lt=2**63)]


def add_routes(
    router: APIRouter, services: Services, settings: FinanceSettings, wake: Callable[[], object] = lambda: None
) -> None:
    """Bring and show. wake: called when there is something new to read"""
    documents, readings = Documents(services.database), Readings(services.database)

    @router.post("/documents", dependencies=[Depends(require("finance:write")), Depends(idempotent)], status_code=202)
    def push_documents(push: Push) -> Pushed:
        """Bring texts; each is kept once, however often it comes, and read soon after."""
        done = pipeline.push(documents, push, services.clock(), settings)
        if done.accepted:
            wake()
        return done

    @router.get("/backlog", dependencies=[Depends(require("finance:read"))])
    def show_backlog() -> Backlog:
        """Tell how many captured texts wait to be read: until then curves and alerts are not whole."""
        return backlog(readings, services.clock())

    @router.get("/documents/{document}", dependencies=[Depends(require("finance:read"))])
    def show_document(
        document: DocumentPath,
        explain: Annotated[bool, Query(description="whether to tell which words decided")] = False,
    ) -> DocumentRead:
        """Show a document with what was read from it."""
        row = documents.get(document)
        scorer = services.once(open_scorer)
        return with_readings(row, readings.of_document(row.id), scorer.live, scorer.moods if explain else None)
