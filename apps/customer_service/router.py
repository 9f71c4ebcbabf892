"""`/v1/support/…`: HTTP only; what an endpoint does is a step of the pipeline."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Response, UploadFile

from apps.customer_service.pipeline import asking, confidence, knowledge
from apps.customer_service.schemas import (
    Answer,
    AskQuery,
    CollectionName,
    CollectionSummaries,
    CollectionSummary,
    DocumentDetail,
    DocumentSummary,
    ImportReport,
    NewDocuments,
    SearchHits,
    SearchQuery,
)
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Page, PageSize
from core.server.written import written

Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]


def build_router(services: Services) -> APIRouter:
    """The desk's endpoints."""
    settings = SupportSettings(**services.settings.apps.get("customer_service", {}))
    calibration = confidence.shipped()
    reads, writes = Depends(require("support:read")), Depends(require("support:write"))
    router = APIRouter(tags=["Support desk"])

    @router.post("/ask", response_model=Answer, dependencies=[reads])
    def ask(query: AskQuery) -> Response:
        """Answer a question from the knowledge base, or say that it does not know."""
        return written(asking.ask(query, services.collections.get(query.collection), calibration, settings))

    @router.post("/search", dependencies=[reads])
    def search(query: SearchQuery) -> SearchHits:
        """Search the knowledge base and show the evidence."""
        return asking.search(query, services.collections.get(query.collection))

    @router.get("/collections", dependencies=[reads])
    def list_collections() -> CollectionSummaries:
        """List the knowledge bases."""
        return CollectionSummaries(
            items=[CollectionSummary(name=c.name, documents=c.documents) for c in services.collections.names()]
        )

    @router.get("/documents", dependencies=[reads])
    def list_documents(
        collection: CollectionName = "support", cursor: Cursor = None, limit: PageSize = 50
    ) -> Page[DocumentSummary]:
        """List documents in order of key."""
        return knowledge.page(services.collections.get(collection), cursor, limit)

    @router.get("/documents/{key:path}", dependencies=[reads])
    def show_document(key: str, collection: CollectionName = "support") -> DocumentDetail:
        """Show a document with its whole text."""
        return knowledge.show(services.collections.get(collection), key)

    @router.post("/documents", dependencies=[writes, Depends(idempotent)], status_code=201)
    def add_documents(query: NewDocuments) -> ImportReport:
        """Import rows; when this returns, every process finds them."""
        target = services.collections.ensure(query.collection)
        return knowledge.import_rows(query.documents, target).report(query.collection)

    @router.post("/documents/file", dependencies=[writes, Depends(idempotent)], status_code=201)
    def add_file(file: UploadFile, collection: Annotated[CollectionName, Form()] = "support") -> ImportReport:
        """Import one file: Markdown, HTML, text, PDF, CSV or JSON Lines."""
        target = services.collections.ensure(collection)
        data = file.file.read(services.settings.max_upload_bytes + 1)
        tally = knowledge.import_upload(file.filename or "", data, target, services.settings.max_upload_bytes)
        return tally.report(collection)

    @router.delete("/documents/{key:path}", dependencies=[writes], status_code=204)
    def remove_document(key: str, collection: CollectionName = "support") -> None:
        """Remove a document; it vanishes from answers at once."""
        knowledge.remove(services.collections.get(collection), key)

    return router
