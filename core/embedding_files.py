"""A file of texts in, a file of vectors out, in bounded memory. The target is replaced only when all went well."""

import csv
import gzip
import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from core.backend.encoder import Encoder
from core.errors import Invalid, TriviumError

BATCH = 4_096  # texts in memory at a time


@dataclass(frozen=True)
class EmbedReport:
    """How much was done."""

    texts: int
    seconds: float


class BadRow(Invalid):
    """A line that holds no text to embed."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"line {line} of {path.name} {why}", remedy="correct it and try again; nothing was written")


def embed_file(encoder: Encoder, source: Path, target: Path, progress: Callable[[int], None]) -> EmbedReport:
    """Embed every text of `source` (.jsonl, .jsonl.gz, .csv, .parquet, .txt) into `target` (.npy).

    target: (n, d) float32, unit rows, in the order of the source
    raises: Invalid naming the line that cannot be used; an existing target then stays as it was
    """
    if target.suffix != ".npy":
        raise Invalid(f"{target.name} does not end in .npy", remedy="name the target something.npy")
    begin = time.perf_counter()
    draft = target.with_name(f".{target.name}.part")
    done = 0
    try:
        with draft.open("wb") as file:
            _write_header(file, 0, encoder.dim)
            texts = read_texts(source)
            while batch := list(islice(texts, BATCH)):
                file.write(np.ascontiguousarray(encoder.encode(batch), dtype="<f4").tobytes())
                done += len(batch)
                progress(done)
            file.seek(0)
            _write_header(file, done, encoder.dim)
        draft.replace(target)
    except OSError as error:
        raise TriviumError(
            f"{target} cannot be written ({error.strerror})", remedy="check the folder and disk"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return EmbedReport(done, time.perf_counter() - begin)


def _write_header(file: io.BufferedWriter, rows: int, dim: int) -> None:
    """A .npy header of fixed length (numpy pads the shape for growing), so that the count can be written last."""
    description = {"descr": "<f4", "fortran_order": False, "shape": (rows, dim)}
    np.lib.format.write_array_header_1_0(file, description)


def read_texts(source: Path) -> Iterator[str]:
    """The texts of a file in order.

    raises: Invalid for a file that is missing, of an unknown kind or not UTF-8, BadRow for a row without text
    """
    name = source.name.lower()
    if not source.is_file():
        raise Invalid(f"there is no file {source}", remedy="check the path")
    if name.endswith(".parquet"):
        yield from _read_parquet(source)
        return
    kinds = {".jsonl": _read_jsonl, ".jsonl.gz": _read_jsonl, ".csv": _read_csv, ".txt": _read_lines}
    reader = next((reader for ending, reader in kinds.items() if name.endswith(ending)), None)
    if reader is None:
        raise Invalid(
            f"{source.name} is of no known kind", remedy="give a .jsonl, .jsonl.gz, .csv, .parquet or .txt file"
        )
    try:
        with (
            gzip.open(source) if name.endswith(".gz") else source.open("rb") as data,
            io.TextIOWrapper(data, encoding="utf-8-sig", newline="") as lines,
        ):
            yield from reader(source, lines)
    except UnicodeDecodeError as error:
        raise Invalid(f"{source.name} is not UTF-8", remedy="save it as UTF-8 and try again") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise Invalid(f"{source.name} is damaged", remedy="pack it again") from error


def _read_jsonl(path: Path, lines: io.TextIOBase) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadRow(path, number, "is not JSON") from error
        text = row.get("text") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise BadRow(path, number, 'has no "text"')
        yield text


def _read_csv(path: Path, lines: io.TextIOBase) -> Iterator[str]:
    rows = csv.DictReader(lines)
    if "text" not in (rows.fieldnames or []):
        raise BadRow(path, 1, "names no column `text`")
    for row in rows:
        text = row["text"]
        if text is None:
            raise BadRow(path, rows.line_num, "has no `text`")
        yield text


def _read_lines(path: Path, lines: io.TextIOBase) -> Iterator[str]:
    for line in lines:
        yield line.rstrip("\r\n")


def _read_parquet(source: Path) -> Iterator[str]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(source)
        if "text" not in file.schema_arrow.names:
            raise Invalid(f"{source.name} has no column `text`", remedy="name the column of texts `text`")
        number = 0
        for batch in file.iter_batches(BATCH, columns=["text"]):
            for text in batch.column(0).to_pylist():
                number += 1
                if not isinstance(text, str):
                    raise BadRow(source, number, "has no `text`")
                yield text
    except pa.ArrowInvalid as error:
        raise Invalid(f"{source.name} is not a Parquet file", remedy="write it again") from error
