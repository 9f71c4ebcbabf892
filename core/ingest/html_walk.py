"""Walk an HTML tree and report what a reader sees. No recursion: pages may nest as deeply as they like."""

import re
from dataclasses import dataclass, field
from typing import Literal

from selectolax.lexbor import LexborNode

from core.ingest.blocks import BlockWriter
from core.ingest.html_tables import Table

_UNSEEN = frozenset(
    "script style template noscript iframe object embed svg math canvas audio video map head title"
    " nav footer aside dialog menu button input select textarea label datalist s del strike".split()
)
_UNSEEN_ROLES = frozenset("navigation search complementary contentinfo dialog alertdialog menu menubar".split())
_UNSEEN_CLASS = re.compile(r"(?:^|\s)(?:sr-only|visually-hidden|screen-reader-text|skip-link)(?:\s|$)")
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd mark nobr q rp rt ruby samp small span strong"
    " sub sup time tt u var wbr".split()
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}

_Act = Literal["visit", "block", "heading", "code", "list", "item", "stray item", "term", "cell", "table"]


@dataclass(slots=True)
class Walk:
    """One pass over a tree."""

    writer: BlockWriter  # of the innermost open cell, or the document's
    text: list[str] = field(default_factory=list)  # of the open block
    heading: int = 0  # level of the open heading
    in_code: bool = False
    term: str = ""  # what the next definition defines
    outer: list[BlockWriter] = field(default_factory=list)  # of the open cells
    tables: list[Table] = field(default_factory=list)  # that are open

    def run(self, root: LexborNode | None) -> None:
        """Report every block below `root`."""
        stack: list[tuple[LexborNode, _Act]] = [(root, "visit")] if root is not None else []
        while stack:
            node, act = stack.pop()
            tag = node.tag or ""
            if act != "visit":
                self._leave(node, tag, act)
            elif tag == "-text":
                words = node.text_content or ""
                self.text.append(words if self.in_code else re.sub(r"\s+", " ", words))
            elif not tag.startswith("-") and not _is_unseen(node, tag):
                if (act := self._enter(node, tag)) != "visit":
                    stack.append((node, act))
                stack += [(child, "visit") for child in reversed(_children(node))]
        self._flush()

    def _enter(self, node: LexborNode, tag: str) -> _Act:
        """Open an element.

        returns: what to do when it ends; "visit" for nothing
        """
        if tag == "img":
            self.text.append(node.attributes.get("alt") or "")
            return "visit"
        if tag == "br":
            self.text.append(" " if self.heading else "\n")
            return "visit"
        if tag in _INLINE:
            return "visit"
        if self.heading or self.in_code:
            self.text.append("\n" if self.in_code else " ")
            return "visit"
        self._flush()
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
            return "heading"
        if tag == "pre":
            self.in_code = True
            return "code"
        if tag in {"ul", "ol", "dl"}:
            self.writer.open_list(_start(node) if tag == "ol" else None)
            return "list"
        if tag in {"li", "dd"}:
            stray = not self.writer.in_list
            if stray:
                self.writer.open_list(None)
            self.writer.open_item()
            return "stray item" if stray else "item"
        return self._enter_table(tag) if tag in {"table", "tr", "td", "th"} else "term" if tag == "dt" else "block"

    def _enter_table(self, tag: str) -> _Act:
        if tag == "table":
            if self.tables:
                self.tables[-1].holds_table = True
            self.tables.append(Table())
            return "table"
        if not self.tables:  # part of a table in a fragment that has no table
            return "block"
        if tag == "tr":
            self.tables[-1].add_row()
            return "block"
        self.outer.append(self.writer)
        self.writer = BlockWriter()
        return "cell"

    def _leave(self, node: LexborNode, tag: str, act: _Act) -> None:
        if act == "heading":
            self.writer.heading(self.heading, "".join(self.text))
            self.text.clear()
            self.heading = 0
        elif act == "code":
            self.writer.code("".join(self.text))
            self.text.clear()
            self.in_code = False
        elif act == "term":
            self.term = "".join(self.text).strip()
            self.text.clear()
        else:
            self._flush()
        if act in {"item", "stray item"}:
            self.writer.close_item()
        if act in {"list", "stray item"}:
            self.writer.close_list()
        elif act == "cell":
            given = node.attributes
            blocks, self.writer = self.writer.blocks, self.outer.pop()
            self.tables[-1].add_cell(
                blocks, is_header=tag == "th", columns=given.get("colspan"), rows=given.get("rowspan")
            )
        elif act == "table":
            self.tables.pop().write(self.writer)

    def _flush(self) -> None:
        text = "".join(self.text)
        self.text.clear()
        if self.term and text.strip():
            text, self.term = f"{self.term}: {text.lstrip()}", ""
        self.writer.paragraph(text)


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.first_child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _start(ol: LexborNode) -> int:
    written = ol.attributes.get("start") or ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 7 else 1


def _is_unseen(node: LexborNode, tag: str) -> bool:
    if tag in _UNSEEN:
        return True
    given = node.attributes
    if not given:
        return tag in {"form", "header"} and _is_furniture(node, tag)
    role = given.get("role") or ""
    return (
        "hidden" in given
        or given.get("aria-hidden") == "true"
        or role in _UNSEEN_ROLES
        or bool(_UNSEEN_STYLE.search(given.get("style") or ""))
        or bool(_UNSEEN_CLASS.search(given.get("class") or ""))
        or ((tag in {"form", "header"} or role == "banner") and _is_furniture(node, tag))
    )


def _is_furniture(node: LexborNode, tag: str) -> bool:
    """A form or page header without text of its own; some systems wrap whole pages in one form."""
    return node.css_first("h1, main, article" if tag == "form" else "h1, h2") is None
