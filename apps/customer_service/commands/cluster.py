"""`trivium support cluster`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps.customer_service.commands.rows import json_lines, text_of
from core.cli.console import JsonFlag, emit, say, table
from core.writing import write_lines

if TYPE_CHECKING:
    from core.clustering.messages import Clustering


def cluster_file(
    source: Annotated[Path, typer.Argument(help='Rows with a "text" (.jsonl, .jsonl.gz).')],
    target: Annotated[Path, typer.Argument(help='Each row comes back with "cluster" and "cluster_label".')],
    as_json: JsonFlag = False,
) -> None:
    """Group customers' messages by what they want, and suggest a label for each group."""
    rows = list(json_lines(source))
    found = _clustered([text_of(row, source) for row in rows])
    labels = [each.label for each in found.clusters]
    lines = [
        json.dumps({**row.fields, "cluster": group, "cluster_label": labels[group]}, ensure_ascii=False)
        for row, group in zip(rows, found.groups.tolist(), strict=True)
    ]
    write_lines(target, lines)
    told = [{"cluster": at, "label": each.label, "size": each.size} for at, each in enumerate(found.clusters)]
    if as_json:
        emit({"messages": len(rows), "clusters": told})
        return
    table(told, {"cluster": "cluster", "size": "messages", "label": "label"})
    say(f"{len(rows)} messages in {len(told)} clusters are in {target}.")


def _clustered(texts: list[str]) -> Clustering:
    """Opens the model only where there is something to read."""
    from apps.customer_service.pipeline.clustering import cluster_messages
    from core.backend import intents
    from core.clustering.messages import NOTHING
    from core.settings import read_settings

    if not texts:
        return NOTHING
    encoder = intents.open_intent_encoder(read_settings())
    try:
        return cluster_messages(texts, encoder)
    finally:
        encoder.close()
