"""`trivium support import`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from apps.customer_service.commands.rows import CollectionOption
from core.cli.console import JsonFlag, emit, progress, say


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: .md .html .txt .pdf .csv .jsonl .jsonl.gz")],
    collection: CollectionOption = "support",
    as_json: JsonFlag = False,
) -> None:
    """Import documents. What is unchanged is not embedded again; a file that cannot be read fails alone."""
    from apps.customer_service.pipeline.calibrating import adapt
    from apps.customer_service.pipeline.knowledge import import_paths
    from core.cli.opening import opened_services

    with opened_services() as services, progress("Importing documents", None) as show:
        done = 0

        def acknowledge(keys: Sequence[str]) -> None:
            nonlocal done
            done += len(keys)
            show(done)

        target = services.collections.ensure(collection)
        tally = import_paths(paths, target, services.settings.max_upload_bytes, acknowledge)
        adapt(target)
        services.collections.save()
    if as_json:
        emit(tally.report(collection).model_dump())
    else:
        say(
            f"{tally.searchable} documents are searchable in {collection}: {len(tally.added)} new, "
            f"{len(tally.replaced)} changed, {len(tally.unchanged)} as before."
        )
        for source in tally.failed:
            say(f"Left out {source.name}: {source.error}")
    if tally.failed:
        raise typer.Exit(1)
