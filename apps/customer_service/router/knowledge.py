"""The knowledge base over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, UploadFile

from apps.customer_service.pipeline import calibrating, knowledge, warnings
from apps.customer_service.pipeline.knowledge import Tally
from apps.customer_service.schemas.asking import Audience, CollectionName
from apps.customer_service.schemas.knowledge import (
    CollectionSummaries,
    CollectionSummary,
    DocumentChange,
    DocumentDetail,
    DocumentSummary,
    ImportReport,
    NewDocuments,
)
from core.app import Services
from core.auth.access import Caller, require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize
from core.retrieval.collections import Collection

MOST_WARNINGS = 50  # in the report on an import; the list has all


def add_routes(router: APIRouter, services: Services) -> None:
    """Documents and the collections they lie in; a job adapts the confidence to what has changed."""
    adapting = calibrating.Adapting(services.collections)
    services.scheduler.every("customer_service.adapt-confidence", calibrating.ADAPTS_EVERY_S, adapting.look)
    reads, writes = Depends(require("support:read")), Depends(require("support:write"))
    agents = Depends(require("support:agent"))
    Reader = Annotated[Caller, Depends(require("support:read"))]  # noqa: N806  a type
    Writer = Annotated[Caller, Depends(require("support:write"))]  # noqa: N806

    @router.get("/collections", dependencies=[reads])
    def list_collections() -> CollectionSummaries:
        """List the knowledge bases."""
        return CollectionSummaries(
            items=[CollectionSummary(name=c.name, documents=c.documents) for c in services.collections.names()]
        )

    @router.get("/documents")
    def list_documents(
        caller: Reader, collection: CollectionName = "support", cursor: Cursor = None, limit: PageSize = 50
    ) -> Page[DocumentSummary]:
        """List documents in order of key; what is internal or not valid now only for keys with `support:agent`."""
        return knowledge.page(services.collections.get(collection), cursor, limit, widest(caller))

    @router.get("/documents/{key:path}")
    def show_document(key: str, caller: Reader, collection: CollectionName = "support") -> DocumentDetail:
        """Show a document with its whole text; what is internal or not valid now only with `support:agent`."""
        return knowledge.show(services.collections.get(collection), key, widest(caller))

    @router.patch("/documents/{key:path}", dependencies=[writes, agents])
    def change_document(key: str, wanted: DocumentChange, collection: CollectionName = "support") -> DocumentDetail:
        """Set who may see a document and when; it holds at once, and through later imports until it is taken back."""
        return knowledge.change(services.collections.get(collection), key, wanted)

    @router.post("/documents", dependencies=[Depends(idempotent)], status_code=201)
    def add_documents(query: NewDocuments, caller: Writer) -> ImportReport:
        """Import rows; when this returns, every process finds them."""
        target = services.collections.ensure(query.collection)
        return reported(knowledge.import_rows(query.documents, target), target, caller)

    @router.post("/documents/file", dependencies=[Depends(idempotent)], status_code=201)
    def add_file(
        file: UploadFile, caller: Writer, collection: Annotated[CollectionName, Form()] = "support"
    ) -> ImportReport:
        """Import one file: Markdown, HTML, text, PDF, Word (.docx), CSV or JSON Lines."""
        target = services.collections.ensure(collection)
        data = file.file.read(services.settings.max_upload_bytes + 1)
        tally = knowledge.import_upload(file.filename or "", data, target, services.settings.max_upload_bytes)
        return reported(tally, target, caller)

    @router.delete("/documents/{key:path}", dependencies=[writes], status_code=204)
    def remove_document(key: str, collection: CollectionName = "support") -> None:
        """Remove a document; it vanishes from answers at once."""
        knowledge.remove(services.collections.get(collection), key)


def reported(tally: Tally, collection: Collection, caller: Caller) -> ImportReport:
    """What an import did; warnings quote internal documents, so only for keys that may see them."""
    report = tally.report(collection.name)
    if caller.may("support:agent"):
        report.warnings = warnings.about(collection, [*tally.added, *tally.replaced])[:MOST_WARNINGS]
    return report


def widest(caller: Caller) -> Audience:
    """The most that a key may see."""
    return "internal" if caller.may("support:agent") else "public"
