"""What one request brings: an object, a list, JSON Lines, CSV or Parquet, as rows. Knows no HTTP but the media type."""

import gzip
import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from apps.recommender.errors import UnknownKind
from apps.recommender.pipeline.ingesting.rows import Row, Told, read_file, read_lines, read_listed
from core.errors import Invalid, TooLarge

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines", "application/x-jsonlines")


class Body(NamedTuple):
    """kind: media type;  packed: by gzip"""

    kind: str
    data: bytes
    packed: bool = False


def read_body(body: Body, name: str, most_bytes: int, told: Told) -> Iterator[Row]:
    """The rows of a body. name: under which an object may hold a list of them, as `{"events": […]}`

    raises: UnknownKind; TooLarge where it unpacks to more than `most_bytes`; Invalid for what cannot be read at all
    """
    data = _unpacked(body.data, most_bytes) if body.packed else body.data
    if body.kind in LINES:
        yield from read_lines(io.BytesIO(data), told)
    elif body.kind == JSON:
        yield from read_listed(_listed(data, name), told)
    elif body.kind in (CSV, PARQUET):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("body.csv" if body.kind == CSV else "body.parquet")
            path.write_bytes(data)
            yield from read_file(path, told)
    else:
        raise UnknownKind


def _listed(data: bytes, name: str) -> list[object]:
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "the body is not valid JSON", remedy="correct it, or send JSON Lines as application/x-ndjson"
        ) from error
    if isinstance(sent, list):
        return sent
    if isinstance(sent, dict) and isinstance(sent.get(name), list) and len(sent) == 1:
        listed: list[object] = sent[name]
        return listed
    return [sent]


def _unpacked(data: bytes, most_bytes: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            content = packed.read(most_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid("the body is not a whole gzip stream", remedy="pack it again") from error
    if len(content) > most_bytes:
        raise TooLarge(f"the body unpacks to more than {most_bytes:,} bytes", remedy="send it in smaller parts")
    return content
