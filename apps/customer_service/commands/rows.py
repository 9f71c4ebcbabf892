"""What the desk's commands share: rows of a file, the option that names a knowledge base."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from core.errors import Invalid
from core.rows import BadRow, Row, read_rows

CollectionOption = Annotated[str, typer.Option("--collection", help="Name of the knowledge base.")]


def json_lines(source: Path) -> Iterator[Row]:
    """raises: Invalid for what is not JSON Lines; BadRow"""
    if not source.name.lower().endswith((".jsonl", ".jsonl.gz")):
        raise Invalid(f"{source.name} is not JSON Lines", remedy="give a .jsonl or .jsonl.gz file")
    return read_rows(source, column=None)


def text_of(row: Row, source: Path, *, may_be_empty: bool = False) -> str:
    """raises: BadRow for a row without text"""
    text = row.fields.get("text")
    if not isinstance(text, str) or not (may_be_empty or text.strip()):
        raise BadRow(source, row.line, 'has no "text"')
    return text
