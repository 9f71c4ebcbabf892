"""Read Markdown as a reader sees it: markup gone, links as their text, tables and lists kept."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import Invalid
from core.ingest.aliases import FIELD, read_aliases, with_aliases
from core.ingest.blocks import LONGEST_TITLE, BlockWriter
from core.ingest.characters import squeeze
from core.ingest.chunks import compose
from core.ingest.decode import decode
from core.ingest.html import write_html
from core.retrieval.documents import Document

DEEPEST = 60  # lists and quotes inside each other count two each; the parser recurses, so there has to be an end

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_ANCHOR = re.compile(r"\s*\{#[\w-]+\}$")
_UNSEEN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def read_markdown(name: str, data: bytes) -> Document:
    """Read one Markdown file; front matter becomes metadata, its `also_asked` other wordings that lead here.

    The title is the front matter's, else the first heading, else the file's name.
    raises: Invalid for what is not text, holds none, or nests too deeply
    """
    text = decode(name, data)
    metadata, body = _front_matter(text)
    writer = BlockWriter()
    write_markdown(name, body, writer)
    first = next((block.text for block in writer.blocks if block.kind == "heading"), PurePosixPath(name).stem)
    title = metadata.pop("title", None)
    try:
        aliases = read_aliases(metadata.pop(FIELD, None))
    except ValueError as error:
        raise Invalid(
            f"the front matter of '{name}' cannot be used: {error}", remedy="correct it and try again"
        ) from error
    called = squeeze(str(title or first))[:LONGEST_TITLE]
    return with_aliases(compose(name, called, writer.blocks, source=name, metadata=metadata), aliases)


def write_markdown(name: str, text: str, writer: BlockWriter) -> None:
    """Report the blocks of a Markdown text.

    name: as it stands in errors
    raises: Invalid when lists or quotes nest so deeply that text would be lost
    """
    tokens = _parser().parse(text)
    if any(token.level >= DEEPEST - 1 for token in tokens):
        raise Invalid(
            f"'{name}' nests lists or quotes more than {DEEPEST // 2} levels deep", remedy="flatten them and try again"
        )
    _write(name, tokens, writer)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": DEEPEST}).enable(["table", "strikethrough"])


def _write(name: str, tokens: Sequence[Token], writer: BlockWriter) -> None:
    level = 0  # of the open heading
    rows: list[list[str]] = []  # of the open table
    in_table = False
    for token in tokens:
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "heading_close":
                level = 0
            case "bullet_list_open":
                writer.open_list(None)
            case "ordered_list_open":
                writer.open_list(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                writer.close_list()
            case "list_item_open":
                writer.open_item()
            case "list_item_close":
                writer.close_item()
            case "fence" | "code_block":
                writer.code(token.content)
            case "html_block":
                write_html(name, token.content, writer)
            case "table_open":
                rows, in_table = [], True
            case "tr_open":
                rows.append([])
            case "table_close":
                writer.table(rows, header=True)
                in_table = False
            case "inline":
                seen = "".join(_seen(token.children or []))
                if in_table:
                    rows[-1].append(seen)
                elif level:
                    writer.heading(level, _ANCHOR.sub("", seen))
                else:
                    writer.paragraph(seen)


def _seen(tokens: Sequence[Token]) -> Iterator[str]:
    """What a reader sees of a line: struck-out text is no longer said, scripts never were."""
    unseen = 0
    for token in tokens:
        match token.type:
            case "s_open":
                unseen += 1
            case "s_close":
                unseen -= 1
            case "html_inline" if tag := _UNSEEN.match(token.content):
                unseen = max(0, unseen + (-1 if tag.group(1) else 1))
            case _ if unseen:
                continue
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "html_inline" if _BREAK.match(token.content):
                yield "\n"
            case "text" | "code_inline" | "image":
                yield token.content


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split off a head of `key: value` lines; one with any other line in it is not taken for front matter.

    returns: metadata with scalars and lists of scalars;  the rest of the text
    """
    head = _FRONT_MATTER.match(text)
    if not head:
        return {}, text
    metadata: dict[str, Any] = {}
    key = ""
    for line in head.group(1).split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if pair := re.fullmatch(r"([A-Za-z_][\w.-]*):(?:\s+(.*?))?\s*", line):
            key, value = pair.group(1), pair.group(2) or ""
            metadata[key] = _list(value) if value.startswith("[") else _scalar(value)
        elif key and (metadata[key] == "" or isinstance(metadata[key], list)):
            item = re.fullmatch(r"\s*-\s+(.+?)\s*", line)
            if not item:
                return {}, text
            metadata[key] = [*(metadata[key] or []), _scalar(item.group(1))]
        else:
            return {}, text
    return metadata, text[head.end() :]


def _list(value: str) -> Any:
    inner = value.removeprefix("[").removesuffix("]").strip()
    return [_scalar(item) for item in re.findall(r"\"[^\"]*\"|'[^']*'|[^,\s][^,]*(?<!\s)", inner)]


def _scalar(value: str) -> Any:
    """A JSON number or constant as such, everything else as the text it is.

    >>> _scalar("3"), _scalar("'a: b'"), _scalar("2024-05-01")
    (3, 'a: b', '2024-05-01')
    """
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    if re.fullmatch(r"true|false|null|-?(0|[1-9]\d{0,14})(\.\d+)?", value):
        return json.loads(value)
    return value
