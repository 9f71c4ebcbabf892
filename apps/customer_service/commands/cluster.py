"""`trivium support cluster`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, say, table
from core.errors import Invalid
from core.writing import write_lines


def cluster(
    source: Annotated[Path, typer.Argument(help='Rows with a "text" (.jsonl, .jsonl.gz).')],
    target: Annotated[Path, typer.Argument(help='Each row comes back with "cluster" and "cluster_label".')],
    as_json: JsonFlag = False,
) -> None:
    """Group customers' messages by what they want, and suggest a label for each group."""
    from apps.customer_service.pipeline.clustering import cluster_messages
    from core.backend.intents import open_intent_encoder
    from core.settings import read_settings

    rows = _read(source)
    encoder = open_intent_encoder(read_settings())
    try:
        found = cluster_messages([row["text"] for row in rows], encoder)
    finally:
        encoder.close()
    labels = [each.label for each in found.clusters]
    lines = [
        json.dumps({**row, "cluster": group, "cluster_label": labels[group]}, ensure_ascii=False)
        for row, group in zip(rows, found.groups.tolist(), strict=True)
    ]
    write_lines(target, lines)
    told = [{"cluster": at, "label": each.label, "size": each.size} for at, each in enumerate(found.clusters)]
    if as_json:
        emit({"messages": len(rows), "clusters": told})
        return
    table(told, {"cluster": "cluster", "size": "messages", "label": "label"})
    say(f"{len(rows)} messages in {len(told)} clusters are in {target}.")


def _read(source: Path) -> list[dict[str, Any]]:
    """raises: Invalid, BadRow for a row without text"""
    from core.rows import BadRow, read_rows

    if not source.name.lower().endswith((".jsonl", ".jsonl.gz")):
        raise Invalid(f"{source.name} is not JSON Lines", remedy="give a .jsonl or .jsonl.gz file")
    rows: list[dict[str, Any]] = []
    for row in read_rows(source):
        text = row.fields.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BadRow(source, row.line, 'has no "text"')
        rows.append(dict(row.fields))
    return rows
