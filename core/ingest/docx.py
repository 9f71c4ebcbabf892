"""Read Word documents (.docx): headings, lists, tables, links' text. Runs no macro, loads nothing from elsewhere.

Headers, footers, footnotes, comments, hidden and deleted text are not read; what was inserted with tracking is.
"""

import io
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.errors import Invalid, TooLarge
from core.ingest.blocks import LONGEST_TITLE, BlockWriter
from core.ingest.chunks import compose
from core.ingest.decode import sniff
from core.ingest.docx_walk import Walk
from core.ingest.records import megabytes
from core.retrieval.documents import Document

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

MOST_PARTS = 5_000
MOST_TEXT = 40_000_000  # bytes of XML, unpacked; 1,000 pages are about 15 MB, and the tree takes some ten times as much
MOST_UNPACKED = 200_000_000  # bytes with pictures, which are packed already
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream that Office puts a locked document into


def read_docx(name: str, data: bytes) -> Document:
    """Read one Word document. The title is its first heading or title line, else the file's name.

    raises: Invalid for what is locked, damaged, has macros or no text;  TooLarge for what unpacks out of proportion
    """
    _check_container(name, data)
    document = _opened(name, data)
    writer = BlockWriter()
    try:
        Walk(document, writer).run()
    except (KeyError, ValueError, AttributeError, IndexError) as error:  # parts that are named but not there
        raise _damaged(name) from error
    if not writer.blocks:
        raise Invalid(f"'{name}' has no text", remedy="leave it out; text in pictures needs recognition (OCR) first")
    title = next((block.text for block in writer.blocks if block.kind == "heading"), PurePosixPath(name).stem)
    return compose(name, title[:LONGEST_TITLE], writer.blocks, source=name)


def _check_container(name: str, data: bytes) -> None:
    """Look at the archive's directory before anything is unpacked; a member never gives more than it says there."""
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Invalid(f"'{name}' is protected by a password", remedy="save a copy without one and try again")
        raise Invalid(f"'{name}' is an old Office document", remedy="save it as .docx and try again")
    if not data.startswith(b"PK\x03\x04"):
        raise Invalid(
            f"'{name}' is {sniff(data) or 'no Word document'}, whatever its name says",
            remedy="open it and save it as .docx, then try again",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            kinds = packed.read("[Content_Types].xml") if _is_small(packed, "[Content_Types].xml") else b""
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _damaged(name) from error
    if any(member.flag_bits & 1 for member in members):
        raise Invalid(f"'{name}' is protected by a password", remedy="save a copy without one and try again")
    if b"macroEnabled" in kinds or any(part.lower().endswith("vbaproject.bin") for part in names):
        raise Invalid(f"'{name}' holds macros", remedy="save it as .docx without macros and try again")
    if "wordprocessingml" not in kinds.decode("utf-8", "replace"):
        raise Invalid(f"'{name}' is no Word document", remedy="open it and save it as .docx, then try again")
    text = sum(member.file_size for member in members if member.filename.endswith((".xml", ".rels")))
    if len(members) > MOST_PARTS or text > MOST_TEXT or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise TooLarge(
            f"'{name}' unpacks to more than a document should ({MOST_PARTS:,} parts, {megabytes(MOST_TEXT)} of text, "
            f"{megabytes(MOST_UNPACKED)} in all)",
            remedy="split it, or save it without its pictures",
        )


def _is_small(packed: zipfile.ZipFile, member: str) -> bool:
    return packed.getinfo(member).file_size <= 1_000_000


def _opened(name: str, data: bytes) -> "WordDocument":
    import docx  # a fifth of a second that only Word documents pay for

    try:
        return docx.Document(io.BytesIO(data))
    except Exception as error:  # a damaged file makes the library and its XML parser fail in any way
        raise _damaged(name) from error


def _damaged(name: str) -> Invalid:
    return Invalid(f"'{name}' is a damaged Word document", remedy="open it in Word, save it again and retry")
