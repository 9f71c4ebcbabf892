"""Sources of the knowledge over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, UploadFile

from apps.customer_service.pipeline import sources as pipeline
from apps.customer_service.router.knowledge import reported
from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.knowledge import ImportReport
from apps.customer_service.schemas.sources import NewSource, SourceRows, SourceSummary, Sync
from apps.customer_service.store.sources import Sources
from core.app import Services
from core.auth.access import Caller, require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize


def add_routes(router: APIRouter, services: Services) -> None:
    """List, make, import again, remove."""
    writes = Depends(require("support:write"))
    Reader = Annotated[Caller, Depends(require("support:read"))]  # noqa: N806  a type
    Writer = Annotated[Caller, Depends(require("support:write"))]  # noqa: N806
    sources = Sources(services.database, services.clock)
    most = services.settings.max_upload_bytes

    @router.get("/sources")
    def list_sources(
        caller: Reader, collection: CollectionName = "support", cursor: Cursor = None, limit: PageSize = 50
    ) -> Page[SourceSummary]:
        """List sources in order of name."""
        return pipeline.page(sources, collection, cursor, limit, with_places=caller.may("support:write"))

    @router.post("/sources", dependencies=[writes, Depends(idempotent)], status_code=201)
    def create_source(wanted: NewSource) -> SourceSummary:
        """Make a source; it is filled by its first import."""
        services.collections.ensure(wanted.collection)
        return pipeline.summary(sources.create(wanted.collection, wanted.name, wanted.kind))

    @router.get("/sources/{source}")
    def show_source(source: str, caller: Reader) -> SourceSummary:
        """Show a source and what its last import did; where it lies only with `support:write`."""
        return pipeline.summary(sources.get(source), with_places=caller.may("support:write"))

    @router.post("/sources/{source}/rows", dependencies=[Depends(idempotent)])
    def import_rows(source: str, wanted: SourceRows, caller: Writer) -> ImportReport:
        """Import all rows of a source, all or none."""
        found = sources.get(source)
        target = services.collections.ensure(found.collection)
        rows, sync, force = wanted.documents, wanted.sync, wanted.force
        tally = pipeline.import_rows(rows, found, sources, target, sync=sync, force=force)
        return reported(tally, target, caller)

    @router.post("/sources/{source}/files", dependencies=[Depends(idempotent)])
    def import_files(
        source: str,
        files: list[UploadFile],
        caller: Writer,
        sync: Annotated[bool, Form()] = False,
        force: Annotated[bool, Form()] = False,
    ) -> ImportReport:
        """Import all files of a source; each succeeds or fails alone."""
        found = sources.get(source)
        target = services.collections.ensure(found.collection)
        named = ((file.filename or "", file.file.read(most + 1)) for file in files)
        tally = pipeline.import_files(named, found, sources, target, max_bytes=most, sync=sync, force=force)
        return reported(tally, target, caller)

    @router.post("/sources/{source}/reimport", dependencies=[Depends(idempotent)])
    def import_again(source: str, wanted: Sync, caller: Writer) -> ImportReport:
        """Import a folder again from where it lies on the server's machine."""
        found = sources.get(source)
        target = services.collections.ensure(found.collection)
        tally = pipeline.import_again(found, sources, target, max_bytes=most, sync=wanted.sync, force=wanted.force)
        return reported(tally, target, caller)

    @router.delete("/sources/{source}", dependencies=[writes], status_code=204)
    def remove_source(source: str) -> None:
        """Remove a source with the documents that it alone brought; they vanish from answers at once."""
        found = sources.get(source)
        pipeline.remove(found, sources, services.collections.ensure(found.collection))
