"""Turn rows into documents: FAQ entries and texts from CSV and JSON Lines. One bad row refuses its whole file.

A row with `question` and `answer` is a FAQ entry: the answer is quotable, the question leads to it. A row with `text`
is a document, `title` its title. `id` names the row; every other field is metadata. Names may be in any case.
"""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from itertools import islice
from textwrap import shorten
from typing import Any

from core.errors import Invalid
from core.ingest.aliases import FIELD as ALSO_ASKED
from core.ingest.aliases import read_aliases, with_aliases
from core.ingest.blocks import LONGEST_TITLE, Block, Placed
from core.ingest.characters import clean, squeeze
from core.ingest.chunks import cut
from core.ingest.decode import decode
from core.ingest.records import Fault, Record, csv_records, json_records, unpack
from core.retrieval.documents import UNANSWERED, Document, Passage

_WANTED = (("question", "answer"), ("text",))
_KNOWN = frozenset({"id", "question", "answer", "text", "title", ALSO_ASKED})
_LISTED = 5  # bad rows that an error names
_LONGEST_ID = 200  # characters
_SHORT_TITLE = 80  # characters of a text that has no title
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def read_csv(name: str, data: bytes) -> list[Document]:
    """Read a CSV file with a header.

    raises: Invalid naming the columns that are missing, or the first bad lines
    """
    return _documents(name, csv_records(name, decode(name, data), wanted=_WANTED))


def read_jsonl(name: str, data: bytes) -> list[Document]:
    """Read JSON Lines, one object a line.

    raises: Invalid naming the first bad lines
    """
    return _documents(name, json_records(name, decode(name, data)))


def read_packed_jsonl(name: str, data: bytes, *, max_bytes: int) -> list[Document]:
    """Read JSON Lines packed with gzip.

    raises: as `read_jsonl`; TooLarge when it unpacks to more than `max_bytes`
    """
    return read_jsonl(name, unpack(name, data, max_bytes))


def _documents(name: str, records: Iterable[Record | Fault]) -> list[Document]:
    documents: list[Document] = []
    faults: list[Fault] = []
    lines: dict[str, int] = {}  # of each id
    for record in records:
        if isinstance(record, Fault):
            faults.append(record)
            continue
        try:
            document = _document(name, record)
        except ValueError as error:
            faults.append(Fault(record.line, str(error)))
            continue
        first = lines.setdefault(document.key, record.line)
        if first != record.line:
            faults.append(Fault(record.line, _twice(record, document, first)))
        documents.append(document)
    if faults:
        raise _refusal(name, faults)
    if not documents:
        raise Invalid(f"'{name}' has no rows", remedy="put at least one entry into it")
    return documents


def _twice(record: Record, document: Document, first: int) -> str:
    given = _known(record.fields).get("id")
    what = f"the id '{document.key}'" if given not in ("", None) else "the same text without an id of its own"
    return f"{what} is on line {first} already"


def _refusal(name: str, faults: Sequence[Fault]) -> Invalid:
    listed = "; ".join(f"line {fault.line}: {fault.reason}" for fault in islice(faults, _LISTED))
    more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
    rows = "a bad row" if len(faults) == 1 else f"{len(faults)} bad rows"
    return Invalid(
        f"'{name}' has {rows} ({listed}{more})", remedy="correct the file and import it again, nothing of it is in yet"
    )


def _document(name: str, record: Record) -> Document:
    """raises: ValueError saying what is wrong with the row"""
    known = _known(record.fields)
    is_faq = {"question", "answer"} <= known.keys() or "text" not in known
    if is_faq and not known.keys() & {"question", "answer"}:
        have = ", ".join(f"'{column[:40]}'" for column in list(record.fields)[:8]) or "nothing"
        raise ValueError(f"it needs 'question' and 'answer', or 'text', but has {have}")
    question = squeeze(_text(known, "question")) if is_faq else ""
    if is_faq and question and "answer" in known and known["answer"] is None:
        return _gap(name, record, question, known)
    body = _text(known, "answer" if is_faq else "text")
    title = question or (squeeze(_text(known, "title")) if known.get("title") else "")
    key = _id(known.get("id")) or _fingerprint(question or body)
    passages = cut(
        body,
        _paragraphs(body),
        name=lambda n: f"{key}#{n}" if n else key,
        above=(title[:LONGEST_TITLE],) if title else (),
    )
    if question:
        passages = (replace(passages[0], aliases=(question,)), *passages[1:])
    used = {"id", "question", "answer"} if is_faq else {"id", "text", "title"}
    document = Document(
        key=key,
        title=title[:LONGEST_TITLE] or shorten(body, _SHORT_TITLE, placeholder="…"),
        text=body,
        source=f"{name} row {record.row}",
        metadata=_others(record, used),
        passages=passages,
        kind="row",
    )
    return with_aliases(document, read_aliases(known.get(ALSO_ASKED)))


def _gap(name: str, record: Record, question: str, known: Mapping[str, Any]) -> Document:
    """A question that is known not to be answered here (`"answer": null`): found as such, never quoted."""
    document = Document(
        key=_id(known.get("id")) or _fingerprint(question),
        title=question[:LONGEST_TITLE],
        text=question,
        source=f"{name} row {record.row}",
        metadata={**_others(record, {"id", "question", "answer"}), UNANSWERED: True},
        passages=(Passage(_id(known.get("id")) or _fingerprint(question), question, 0, len(question)),),
        kind="row",
    )
    return with_aliases(document, read_aliases(known.get(ALSO_ASKED)))


def _others(record: Record, used: Set[str]) -> dict[str, Any]:
    """Every field that is not used otherwise."""
    return {
        clean(field): _clean_value(value)
        for field, value in record.fields.items()
        if field.strip().lower() not in used | {ALSO_ASKED}
    }


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for field, value in fields.items() if (name := field.strip().lower()) in _KNOWN}


def _text(known: Mapping[str, Any], field: str) -> str:
    value = known.get(field, "")
    if not isinstance(value, str):
        raise ValueError(f"'{field}' is not text")
    if "\0" in value:
        raise ValueError(f"'{field}' holds a NUL character")
    text = clean(value).strip()
    if not text:
        raise ValueError(f"'{field}' is missing or empty")
    return text


def _id(value: Any) -> str:
    """The row's own name; empty where it has none."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("'id' is neither text nor a whole number")
    name = squeeze(clean(str(value)))
    if len(name) > _LONGEST_ID:
        raise ValueError(f"'id' has more than {_LONGEST_ID} characters")
    return name


def _fingerprint(text: str) -> str:
    """A name that stays the same when other rows, or this row's answer, change."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _paragraphs(text: str) -> list[Placed]:
    """The text as it stands: quotes from a row keep the row's own line breaks."""
    placed: list[Placed] = []
    start = 0
    for gap in [*_BLANK_LINE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        placed.append(Placed(Block("paragraph", text[start:end], verbatim=True), start, end))
        start = gap.end() if gap else end
    return placed


def _clean_value(value: Any) -> Any:
    """A JSON value that every database can store."""
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a field holds a NUL character")
        return clean(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is too large")
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {clean(field): _clean_value(item) for field, item in value.items()}
    return value
