"""`trivium support import`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from apps.customer_service.commands.rows import CollectionOption
from core.cli.console import JsonFlag, emit, progress, say

MOST_TOLD = 10  # warnings


def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Files or folders: .md .html .txt .pdf .docx .csv .jsonl .jsonl.gz")
    ],
    collection: CollectionOption = "support",
    source: Annotated[str, typer.Option(help="Name of what is imported; default: that of the files or folders.")] = "",
    sync: Annotated[
        bool, typer.Option("--sync", help="Also remove what the source brought before and has no more.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Sync even if more than half would be removed.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Import documents. What is unchanged is not embedded again; a file that cannot be read fails alone."""
    from apps.customer_service.pipeline import sources as pipeline
    from apps.customer_service.pipeline import warnings
    from apps.customer_service.pipeline.calibrating import adapt
    from apps.customer_service.store.sources import Sources
    from core.cli.opening import opened_services

    with opened_services() as services, progress("Importing documents", None) as show:
        done = 0

        def acknowledge(keys: Sequence[str]) -> None:
            nonlocal done
            done += len(keys)
            show(done)

        target = services.collections.ensure(collection)
        sources = Sources(services.database, services.clock)
        name = source.strip() or pipeline.name_of(paths)
        found = sources.named(collection, name) or sources.create(collection, name, "folder")
        tally = pipeline.import_folder(
            paths,
            found,
            sources,
            target,
            max_bytes=services.settings.max_upload_bytes,
            sync=sync,
            force=force,
            acknowledge=acknowledge,
        )
        adapt(target)
        told = warnings.about(target, tally.added + tally.replaced)
        services.collections.save()
    if as_json:
        emit({**tally.report(collection).model_dump(), "warnings": [warning.model_dump() for warning in told]})
    else:
        say(
            f"{tally.searchable} documents are searchable in {collection}: {len(tally.added)} new, "
            f"{len(tally.replaced)} changed, {len(tally.unchanged)} as before, {len(tally.removed)} removed."
        )
        for failed in tally.failed:
            say(f"Left out {failed.name}: {failed.error}")
        for aimed in tally.suspicious:
            say(f"Look at {aimed.document}, characters {aimed.start}-{aimed.end}: aimed at a model, never quoted.")
        for warning in told[:MOST_TOLD]:
            say(warnings.in_a_line(warning))
        if len(told) > MOST_TOLD:
            say(f"And {len(told) - MOST_TOLD} more: see GET /v1/support/knowledge/warnings, or the page Knowledge.")
    if tally.failed:
        raise typer.Exit(1)
