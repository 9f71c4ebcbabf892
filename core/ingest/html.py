"""Read HTML as a reader sees it: no scripts, menus, forms or hidden parts. Runs nothing, loads nothing."""

import re
from pathlib import PurePosixPath

from selectolax.lexbor import LexborHTMLParser, LexborNode

from core.errors import Invalid
from core.ingest.blocks import LONGEST_TITLE, BlockWriter
from core.ingest.characters import clean, squeeze
from core.ingest.chunks import compose
from core.ingest.decode import declared_in_html, decode
from core.ingest.html_walk import Walk
from core.retrieval.documents import Document

DEEPEST = 500  # elements inside each other; browsers stop at 512

_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_SELF_CLOSING = frozenset(  # void, or closed by their successor
    b"area base br col embed hr img input link meta source track wbr"
    b" p li dt dd tr td th thead tbody tfoot option".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_MOST_REPAIRS = 20_000_000


def read_html(name: str, data: bytes) -> Document:
    """Read one HTML page. The title is its first <h1>, else its <title> (which carries the site's name, too).

    raises: Invalid for what is not text or nests too deeply
    """
    text = decode(name, data, declared=declared_in_html(data))
    tree = _parse(name, text)
    writer = BlockWriter()
    Walk(writer).run(_content(tree))
    h1 = next((block.text for block in writer.blocks if block.kind == "heading" and block.level == 1), "")
    named = tree.css_first("head title")
    title = h1 or squeeze(clean(named.text() if named else "")) or PurePosixPath(name).stem
    return compose(name, title[:LONGEST_TITLE], writer.blocks, source=name)


def write_html(name: str, text: str, writer: BlockWriter) -> None:
    """Report the blocks of a fragment, as it stands in Markdown.

    name: as it stands in errors
    raises: Invalid when it nests too deeply
    """
    Walk(writer).run(_content(_parse(name, text)))


def _parse(name: str, text: str) -> LexborHTMLParser:
    page = text.encode()
    if _is_tangled(page):
        raise Invalid(
            f"'{name}' nests its elements more than {DEEPEST} levels deep or leaves too many open",
            remedy="save the page's text in a simpler form and try again",
        )
    return LexborHTMLParser(page)


def _is_tangled(page: bytes) -> bool:
    """Whether a parser that repairs as browsers do would need time or memory out of all proportion.

    Open elements make its work quadratic, and formatting left open (<b>) is repeated in every later paragraph.
    """
    depth = deepest = formatting = tags = 0
    for slash, tag in _TAG.findall(page):
        tags += 1
        name = tag.lower()
        if name in _SELF_CLOSING:
            continue
        step = -1 if slash else 1
        depth = max(0, depth + step)
        deepest = max(deepest, depth)
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
        if deepest > DEEPEST:
            return True
    return formatting * tags > _MOST_REPAIRS


def _content(tree: LexborHTMLParser) -> LexborNode | None:
    """The part of a page that is its own: <main>, a lone <article>, or the body."""
    if main := tree.css_first("main, [role=main]"):
        return main
    articles = tree.css("article")
    return articles[0] if len(articles) == 1 else tree.body
