"""Read PDF files: their text layer, page by page. Opens no images, runs no scripts, asks for no password."""

import io
import logging
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from core.errors import Invalid, TooLarge
from core.ingest.blocks import LONGEST_TITLE, BlockWriter
from core.ingest.characters import clean, squeeze
from core.ingest.chunks import compose
from core.ingest.decode import sniff
from core.ingest.pdf_layout import Line, write_pages
from core.retrieval.documents import Document

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 2_000
MOST_CONTENT = 50_000_000  # bytes of drawing commands, decompressed, of all pages together; 25 kB a page are usual
_LIMITS = {
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "array_based_stream_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
    "xform_maximum_invocations_per_extraction": 500,
}


def read_pdf(name: str, data: bytes) -> Document:
    """Read one PDF file. The title is its first heading, else the file's name; passages say their page.

    The title in a file's properties is not used: it names a template or a draft more often than the text.
    raises: Invalid for what is encrypted, broken or has no text;  TooLarge beyond `MOST_PAGES` or `MOST_CONTENT`
    """
    kind = sniff(data)
    if b"%PDF-" not in data[:1024]:
        raise Invalid(
            f"'{name}' is {kind or 'no PDF'}, whatever its name says",
            remedy="open it and save it as PDF, then try again",
        )
    pages = _pages(name, data)
    writer = BlockWriter()
    write_pages(pages, writer)
    if not writer.blocks:
        raise Invalid(f"'{name}' has no text layer", remedy="run text recognition (OCR) on it first")
    title = next((block.text for block in writer.blocks if block.kind == "heading"), PurePosixPath(name).stem)
    return compose(name, title[:LONGEST_TITLE], writer.blocks, source=name)


def _pages(name: str, data: bytes) -> list[list[Line]]:
    from pypdf import PdfReader, apply_configuration  # a fifth of a second that only PDF files pay for
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    # What pypdf mends is no news to an operator, and what it cannot mend becomes our error.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    broken = Invalid(f"'{name}' is a broken PDF", remedy="open it in a viewer, save it again and retry")
    locked = Invalid(f"'{name}' is encrypted", remedy="save a copy without a password and try again")
    try:
        with apply_configuration(**_LIMITS):
            reader = PdfReader(io.BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                raise locked
            if (count := len(reader.pages)) > MOST_PAGES:
                raise TooLarge(f"'{name}' has {count:,} pages, more than {MOST_PAGES:,}", remedy="split it")
            return list(_lines(name, reader))
    except (Invalid, TooLarge):
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise locked from error
    except LimitReachedError as error:
        raise TooLarge(
            f"'{name}' unpacks to more than a text should", remedy="print it to a new PDF and try that"
        ) from error
    except Exception as error:  # a damaged file makes pypdf fail in any way, RecursionError included
        raise broken from error


def _lines(name: str, reader: "PdfReader") -> Iterator[list[Line]]:
    from pypdf import mult

    drawn = 0
    for page in reader.pages:
        contents = page.get_contents()
        drawn += len(contents.get_data()) if contents is not None else 0
        if drawn > MOST_CONTENT:
            raise TooLarge(
                f"'{name}' unpacks to more than {MOST_CONTENT // 1_000_000} MB of drawing commands",
                remedy="split it, or print it to a new PDF",
            )
        pieces: list[tuple[str, float, float]] = []

        def visit(text: str, cm: Any, tm: Any, _font: Any, size: float, pieces: list[Any] = pieces) -> None:
            matrix = mult(tm, cm)
            scale = (matrix[2] ** 2 + matrix[3] ** 2) ** 0.5
            pieces.append((text, float(matrix[5]), round(size * scale * 2) / 2))

        page.extract_text(visitor_text=visit)
        yield _assembled(pieces)


def _assembled(pieces: list[tuple[str, float, float]]) -> list[Line]:
    """Lines from pieces of text with (y, size) in points; a line is as big and as high as most of it."""
    lines: list[Line] = []
    parts: list[tuple[str, float, float]] = []

    def close() -> None:
        text = "".join(part[0] for part in parts).rstrip()
        if text.endswith("\u00ad"):
            text = text[:-1] + "-"  # a soft hyphen shows at the end of a line; elsewhere `clean` drops it
        text = squeeze(clean(text))
        if text:
            main = max(parts, key=lambda part: len(part[0].strip()))
            lines.append(Line(text, main[1], main[2]))
        parts.clear()

    for text, y, size in pieces:
        head, *rest = text.split("\n")
        parts.append((head, y, size))
        for line in rest:
            close()
            parts.append((line, y, size))
    close()
    return lines
