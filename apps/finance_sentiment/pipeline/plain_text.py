"""Text as a reader sees it, from what feeds, pages and files hold: no markup, no control characters, no mojibake."""

import html
import re

import ftfy

from core.errors import Invalid
from core.ingest.blocks import BlockWriter, lay_out
from core.ingest.characters import clean, squeeze
from core.ingest.html import write_html
from core.ingest.sentences import split_sentences

MOST_TITLE = 500
"""Characters; a longer title stands whole at the head of the text."""

_TAGS = (
    "a|abbr|article|aside|b|big|blockquote|body|br|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer"
    "|h[1-6]|head|header|hr|html|i|iframe|img|ins|li|link|main|mark|meta|nav|object|ol|p|picture|pre|q|s|script|section"
    "|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|th|thead|time|title|tr|tt|u|ul|video|wbr"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|iframe|object|svg)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|p|div|li|tr|h[1-6])\b[^<>]*>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BLANK_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")
_SPACES = re.compile(r"[^\S\n]+")
_LOOKS_BACK = 4_000  # characters before the cap in which a sentence's end is looked for


def plain_line(written: str) -> str:
    """One line without markup, such as a headline; markup that was escaped once too often goes, too.

    >>> plain_line("AT&amp;amp;T <b>up</b>\\n 3 % &lt;br&gt;as Q&A < hoped")
    'AT&T up 3 % as Q&A < hoped'
    """
    text = written
    for _ in range(2):
        if "<" in text:
            text = _TAG.sub("", _BREAK.sub(" ", _UNSEEN.sub(" ", text)))
        if "&" in text:
            text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return squeeze(clean(_TAG.sub("", repaired(text))))


def plain_text(written: str) -> str:
    """Several lines without markup: paragraphs parted by a blank line.

    >>> plain_text("<p>Sales rose.</p><ul><li>in &euro;</li></ul>")
    'Sales rose.\\n\\n• in €'
    """
    text = repaired(written)
    if _TAG.search(text):
        text = _from_html(text)
    elif "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if _TAG.search(text):  # it was escaped once too often
            text = _from_html(text)
    return tidy(text)


def tidy(text: str) -> str:
    """Without what a reader cannot see; runs of spaces become one, runs of blank lines one blank line.

    >>> tidy(" a \\u200b b\\r\\n\\n\\n c ")
    'a b\\n\\nc'
    """
    lines = (_SPACES.sub(" ", line).strip() for line in clean(text).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def repaired(text: str) -> str:
    """The text with letters back that were read in a wrong encoding.

    >>> repaired("MÃ¼nchner RÃ¼ck"), repaired("Ã la carte")
    ('Münchner Rück', 'à la carte')
    """
    return text if text.isascii() else ftfy.fix_encoding(text)


def cut(text: str, most: int, more: int = 0) -> str:
    """The text, where it is longer than `most` characters up to the last sentence that ends before; then it says so.

    more: characters that are left out already

    >>> cut("It rose. It fell. It rose again.", 20)
    'It rose. It fell.\\n[Cut here: 15 more characters are not kept.]'
    """
    if len(text) <= most and not more:
        return text
    start = max(0, most - _LOOKS_BACK)
    ends = [start + end for _, end in split_sentences(text[start : most + 1])]
    end = ends[-2] if len(ends) > 1 else most
    kept = text[:end].rstrip()
    return f"{kept}\n[Cut here: {more + len(text) - len(kept)} more characters are not kept.]"


def headed(title: str, text: str) -> tuple[str, str]:
    """Title and text where a source gave only a text, or a title that is none.

    title: one line;  text: tidy
    returns: without a title, the first sentence and the rest; a title of more than 500 characters is shortened, and
        stands whole at the head of the text
    """
    if not title and text:
        _, end = split_sentences(text[: 2 * MOST_TITLE])[0]
        title, text = squeeze(text[:end]), text[end:].strip()
    if len(title) > MOST_TITLE:
        text = f"{title}\n{text}".rstrip()
        title = title[: MOST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    return title, text


def _from_html(text: str) -> str:
    writer = BlockWriter()
    try:
        write_html("the text", text, writer)
    except Invalid:  # nested so deep that a parser would choke: markup goes by pattern, every word stays
        return plain_line_by_line(text)
    return lay_out(writer.blocks)[0]


def plain_line_by_line(text: str) -> str:
    """Markup away without building a tree; a block's end becomes a line's end."""
    stripped = _TAG.sub("", _BREAK.sub("\n", _UNSEEN.sub(" ", text)))
    return _ENTITY.sub(lambda found: html.unescape(found[0]), stripped)
