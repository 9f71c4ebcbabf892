"""The door: folders, files and uploads in, documents out. A bad file fails alone and says why.

A file is all or nothing: a row file with one bad row yields none of its rows, so that what was acknowledged is whole.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import Invalid, NotFound, TooLarge, TriviumError
from core.ingest.characters import clean, squeeze
from core.ingest.docx import read_docx
from core.ingest.html import read_html
from core.ingest.markdown import read_markdown
from core.ingest.pdf import read_pdf
from core.ingest.records import megabytes
from core.ingest.rows import read_csv, read_jsonl, read_packed_jsonl
from core.ingest.text import read_text
from core.retrieval.documents import Document

MAX_BYTES = 50_000_000  # where the caller has no settings at hand; the default of TRIVIUM_MAX_UPLOAD_BYTES

LONGEST_KEY = 480  # characters of a path; with "#<n>" behind it, it still fits the index

_ONE = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".txt": read_text,
    ".pdf": read_pdf,
    ".docx": read_docx,
}
_MANY = {".csv": read_csv, ".jsonl": read_jsonl}
_PACKED = ".jsonl.gz"
_HIDDEN = (".", "~$")  # the latter is what Word leaves beside a document that somebody has open
EXTENSIONS = (*_ONE, *_MANY, _PACKED)

Refine = Callable[[Document], Document]
"""What a caller makes of each document that was read; a TriviumError from it refuses the whole file."""


def as_read(document: Document) -> Document:
    """Refine nothing."""
    return document


@dataclass(frozen=True)
class FailedSource:
    """A file that could not be read, while the others were.

    name: the key it would have had; for a path that leads nowhere, the path as given
    """

    name: str
    error: TriviumError


def read_sources(
    paths: Sequence[Path], *, max_bytes: int, refine: Refine = as_read
) -> Iterator[Document | FailedSource]:
    """Read files and all files below folders, in the order of their names.

    In folders, hidden entries and extensions that are not in `EXTENSIONS` are passed over; links are followed, but no
    folder is entered twice. Documents are named by their path below the given folder, a single file by its name, rows
    by their id. A file is read whole before its first document comes.
    max_bytes: of one file, packed or unpacked
    """
    places: dict[tuple[str, str], str] = {}
    for root in paths:
        for found in _walk(root):
            if isinstance(found, FailedSource):
                yield found
                continue
            try:
                documents = read_bytes(found.key, _load(found, max_bytes), max_bytes=max_bytes, refine=refine)
                _claim(places, documents)
            except TriviumError as error:
                yield FailedSource(found.key, error)
            else:
                yield from documents


def read_bytes(name: str, data: bytes, *, max_bytes: int = MAX_BYTES, refine: Refine = as_read) -> list[Document]:
    """Read one uploaded file.

    name: with its extension; the key of a document that is not a row. Folders in it are kept, "..", "." and drive
        letters are not
    raises: Invalid for what cannot be read, TooLarge beyond `max_bytes`; the sentence names the file
    """
    return [refine(document) for document in _read(name, data, max_bytes)]


def _read(name: str, data: bytes, max_bytes: int) -> list[Document]:
    key = _key(name)
    extension = _extension(key)
    if not extension:
        raise _unknown(key)
    if len(key) > LONGEST_KEY:
        raise Invalid(f"'{key[:60]}…' has more than {LONGEST_KEY} characters in its name", remedy="shorten it")
    if len(data) > max_bytes:
        raise _too_large(key, len(data), max_bytes)
    if not data.strip():
        raise Invalid(f"'{key}' is empty", remedy="leave it out, or put some text into it")
    if extension == _PACKED:
        return read_packed_jsonl(key, data, max_bytes=max_bytes)
    if extension in _MANY:
        return _MANY[extension](key, data)
    document = _ONE[extension](key, data)
    if not document.passages:
        raise Invalid(f"'{key}' has no text besides headings", remedy="leave it out, or put some text into it")
    return [document]


@dataclass(frozen=True)
class _Found:
    path: Path
    key: str


def _walk(root: Path) -> Iterator[_Found | FailedSource]:
    """Files in the order of their names; what cannot be opened is named."""
    try:
        is_folder = stat.S_ISDIR(root.stat().st_mode)
    except FileNotFoundError:
        yield FailedSource(str(root), NotFound(f"'{root}' does not exist", remedy="check the path"))
        return
    except OSError as error:
        yield FailedSource(str(root), _unreadable(str(root), error))
        return
    if not is_folder:
        yield _Found(root, _key(root.name))
        return
    count = 0
    for found in _walk_folder(root):
        count += 1
        yield found
    if not count:
        kinds = ", ".join(EXTENSIONS)
        yield FailedSource(
            str(root), Invalid(f"'{root}' holds no file that can be read", remedy=f"these kinds can be: {kinds}")
        )


def _walk_folder(root: Path) -> Iterator[_Found | FailedSource]:
    entered: set[tuple[int, int]] = set()  # device and inode of folders: a link may lead back
    waiting = [root]
    while waiting:
        path = waiting.pop()
        key = _key(path.relative_to(root).as_posix())
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                if (place := (status.st_dev, status.st_ino)) not in entered:
                    entered.add(place)
                    names = sorted((name for name in os.listdir(path) if not name.startswith(_HIDDEN)), reverse=True)
                    waiting += [path / name for name in names]
                continue
        except OSError as error:
            if path == root or _extension(key) or not path.is_symlink():
                yield FailedSource(key or str(root), _unreadable(key or str(root), error))
            continue
        if _extension(key):
            yield _Found(path, key)


def _load(found: _Found, max_bytes: int) -> bytes:
    """The bytes of a file, unless it is too large or no file at all.

    raises: TooLarge before anything is read;  Invalid
    """
    if not _extension(found.key):
        raise _unknown(found.key)
    try:
        status = found.path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe or a device might never end
            raise Invalid(f"'{found.key}' is not a regular file", remedy="give a file or a folder")
        if status.st_size > max_bytes:
            raise _too_large(found.key, status.st_size, max_bytes)
        with found.path.open("rb") as file:
            return file.read(max_bytes + 1)  # it may have grown since
    except OSError as error:
        raise _unreadable(found.key, error) from error


def _claim(places: dict[tuple[str, str], str], documents: Sequence[Document]) -> None:
    """Note where the keys of a file come from.

    raises: Invalid naming both places when another file has one of them; nothing is noted then
    """
    claimed: dict[tuple[str, str], str] = {}
    for document in documents:
        names = [("document", document.key), *(("passage", passage.key) for passage in document.passages)]
        for name in names:
            if name in places:
                _refuse_twice(document, places, name)
            claimed[name] = document.source
    places.update(claimed)


def _refuse_twice(document: Document, places: Mapping[tuple[str, str], str], name: tuple[str, str]) -> None:
    raise Invalid(
        f"'{document.source}' and '{places[name]}' have the same id '{name[1]}'",
        remedy="rename one of them and import the file again, it is not in yet",
    )


def _key(name: str) -> str:
    """A name that can be stored and shown: slashes forward, nothing that climbs, no hidden or broken characters.

    >>> _key("C:\\\\docs\\\\..\\\\a.md"), _key("./guide/b.md")
    ('docs/a.md', 'guide/b.md')
    """
    legible = squeeze(clean(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
    parts = [part.strip() for part in legible.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part not in {"", ".", ".."} and not _is_drive(part))


def _is_drive(part: str) -> bool:
    return len(part) == 2 and part[1] == ":" and part[0].isalpha()


def _extension(key: str) -> str:
    """The known extension of a name, in lower case; empty for any other."""
    name = PurePosixPath(key).name.lower()
    return next((known for known in EXTENSIONS if name.endswith(known) and name != known), "")


def _unknown(key: str) -> Invalid:
    return Invalid(
        f"'{key}' is of a kind that cannot be read", remedy=f"save it in one of these formats: {', '.join(EXTENSIONS)}"
    )


def _too_large(key: str, size: int, max_bytes: int) -> TooLarge:
    return TooLarge(
        f"'{key}' has {megabytes(size)}, more than the {megabytes(max_bytes)} that one file may have",
        remedy="split it, or raise TRIVIUM_MAX_UPLOAD_BYTES",
    )


def _unreadable(key: str, error: OSError) -> Invalid:
    reason = (error.strerror or type(error).__name__).lower()
    return Invalid(f"'{key}' cannot be read ({reason})", remedy="check the file and its permissions")
