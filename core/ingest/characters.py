"""Make text safe to store, search and quote: hidden, control and broken characters go. Keeps what a reader sees."""

import re
import unicodedata

_HIDDEN = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u3164\uffa0"  # soft hyphen, joiner, marks, fillers
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, direction, annotation
    "\U000e0000-\U000e01ef"  # tags and supplementary variation selectors: text smuggled past a reader
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\ufe00-\ufe0d"  # variation selectors; the two that emoji use (FE0E, FE0F) stay
    "]+"
)
# A joiner is part of the spelling in Persian, the Indic scripts and emoji; between Latin letters it only hides.
_STRAY_JOINER = re.compile(
    "(?<![^\x00-\u024f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\u024f])|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a pair: no encoding can store it
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)


def clean(text: str) -> str:
    """The text without what a reader cannot see, line ends as "\\n", letters composed (NFC), ligatures spelt out.

    returns: the same text when applied twice

    >>> clean("re\\u200bfund\\r\\n\\ufb01ve")
    'refund\\nfive'
    """
    text = _LINE_END.sub("\n", text)
    text = _HIDDEN.sub("", text)
    if text.isascii():
        return text
    text = _SURROGATE.sub("\ufffd", text).translate(_LIGATURES)
    while (kept := unicodedata.normalize("NFC", _STRAY_JOINER.sub("", text))) != text:
        text = kept
    return text


def squeeze(text: str) -> str:
    """One line: every run of white space becomes one space.

    >>> squeeze(" a \\n b ")
    'a b'
    """
    return " ".join(text.split())
