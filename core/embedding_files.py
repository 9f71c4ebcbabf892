"""A file of texts in, a file of vectors out, in bounded memory. The target is replaced only when all went well."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from core.backend.encoder import Encoder
from core.errors import Invalid, TriviumError
from core.rows import BadRow, read_rows

BATCH = 4_096  # texts in memory at a time


@dataclass(frozen=True)
class EmbedReport:
    """How much was done."""

    texts: int
    seconds: float


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

    raises: Invalid for a file that cannot be read, BadRow for a row without text
    """
    for row in read_rows(source):
        text = row.fields.get("text")
        if not isinstance(text, str):
            raise BadRow(source, row.line, 'has no "text"')
        yield text
