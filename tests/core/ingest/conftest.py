"""What the tests of reading share: a PDF writer, and the promises that every document keeps."""

import json
from collections.abc import Callable, Sequence

import pytest

from core.ingest.chunks import CAP
from core.ingest.sections import weigh
from core.retrieval.documents import Document


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    """Writes a PDF of pages of lines (size of type in points, text); an empty text is a gap."""
    return write_pdf


def write_pdf(*pages: Sequence[tuple[int, str]]) -> bytes:
    """A small but whole PDF 1.4 file in Helvetica."""
    out = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []

    def add(body: bytes) -> None:
        offsets.append(len(out))
        out.extend(b"%d 0 obj\n%b\nendobj\n" % (len(offsets), body))

    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    add(b"<</Type/Catalog/Pages 2 0 R>>")
    add(f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode())
    add(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    for n, page in enumerate(pages):
        font = "<</Font<</F1 3 0 R>>>>"
        add(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources{font}/Contents {5 + 2 * n} 0 R>>".encode())
        add(_drawn(page))
    start = len(out)
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    out.extend(f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{table}".encode())
    out.extend(f"trailer<</Size {len(offsets) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode())
    return bytes(out)


def _drawn(page: Sequence[tuple[int, str]]) -> bytes:
    height, commands = 800.0, []
    for size, line in page:
        height -= size * 1.2
        text = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        commands.append(f"BT /F1 {size} Tf 50 {height:.1f} Td ({text}) Tj ET" if line else "")
    stream = "\n".join(commands).encode("cp1252")
    return b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream)


@pytest.fixture
def check() -> Callable[[Document], Document]:
    """Asserts that a document keeps the promises of `core.retrieval.documents`."""
    return check_document


def check_document(document: Document) -> Document:
    """returns: the same document"""
    keys: set[str] = set()
    before = 0
    for passage in document.passages:
        assert passage.text == document.text[passage.start : passage.end]
        assert passage.text == passage.text.strip()
        assert passage.text
        assert passage.start >= before, "passages overlap"
        assert weigh(passage.text) <= CAP
        assert passage.key not in keys
        before = passage.end
        keys.add(passage.key)
        at = 0
        for start, end in passage.sentences:
            assert at <= start < end <= len(passage.text)
            assert passage.text[start:end].strip() == passage.text[start:end]
            at = end
    return document


def sentences(document: Document) -> list[str]:
    """Every quotable unit of a document, in order."""
    return [p.text[start:end] for p in document.passages for start, end in p.sentences]


@pytest.fixture
def units() -> Callable[[Document], list[str]]:
    """The quotable units of a document."""
    return sentences


@pytest.fixture
def json_lines() -> Callable[..., bytes]:
    """Writes rows as the bytes of a JSON Lines file."""
    return lambda *rows: "\n".join(json.dumps(row) for row in rows).encode()
