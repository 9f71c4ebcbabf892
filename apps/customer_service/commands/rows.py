"""What the desk's commands share: rows of a file, the option that names a knowledge base."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import Invalid

CollectionOption = Annotated[str, typer.Option("--collection", help="Name of the knowledge base.")]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """raises: Invalid naming the line that cannot be read"""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read ({error})", remedy="give a UTF-8 .jsonl file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise Invalid(f"line {number} of {path} is not JSON", remedy="write one JSON object a line") from error
        if not isinstance(row, dict):
            raise Invalid(f"line {number} of {path} is not an object", remedy="write one JSON object a line")
        yield row
