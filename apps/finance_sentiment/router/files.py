"""Rows as a file to keep: how a download is answered."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from fastapi import Response
from fastapi.responses import StreamingResponse

from apps.finance_sentiment.pipeline.tables import Columns, Row, csv_lines, write_parquet

Format = Literal["json", "csv", "parquet"]
CSV, PARQUET = "text/csv; charset=utf-8", "application/vnd.apache.parquet"
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, PARQUET: {"schema": {"type": "string"}}}}
}
"""What the API's description says of an endpoint that also gives files."""

_PART = 1 << 16


def downloaded(rows: Iterable[Row], columns: Columns, name: str, kind: Format) -> Response:
    """A file that a browser saves. name: without its ending"""
    head = {"Content-Disposition": f'attachment; filename="{re.sub(r"[^a-z0-9._-]", "-", name)}.{kind}"'}
    if kind == "csv":
        return StreamingResponse(csv_lines(rows, columns), media_type=CSV, headers=head)
    folder = tempfile.TemporaryDirectory()
    try:
        path = Path(folder.name) / "rows.parquet"
        write_parquet(rows, columns, path)
    except BaseException:
        folder.cleanup()
        raise
    return StreamingResponse(_parts(folder, path), media_type=PARQUET, headers=head)


def _parts(folder: "tempfile.TemporaryDirectory[str]", path: Path) -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while part := file.read(_PART):
            yield part
