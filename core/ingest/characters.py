"""Make text safe to store, search and quote: hidden, control and broken characters go. Keeps what a reader sees."""

import re
import unicodedata

# The flags of England, Scotland and Wales are spelt with tag characters; nothing else that a reader sees is.
_FLAGS = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in place) for place in ("gbeng", "gbsct", "gbwls"))
_HIDDEN = re.compile(
    f"(\U0001f3f4(?:{_FLAGS})\U000e007f)|"
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u3164\uffa0"  # soft hyphen, joiner, marks, fillers
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width, direction, annotation
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # never drawn: reserved, shorthand and musical controls
    "\U000e0000-\U000e0fff"  # tags and supplementary variation selectors: text smuggled past a reader
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\ufe00-\ufe0d"  # variation selectors; the two that emoji use (FE0E, FE0F) stay
    "]+"
)
_EMOJI = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
# A joiner is part of the spelling in the Arabic, Indic, Tibetan, Burmese, Khmer and Mongolian scripts and in emoji;
# between other letters it only hides.
_JOINED = (
    f"\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\ua8e0-\ua8ff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U00011000-\U00011fff{_EMOJI}"
)
_STRAY_JOINER = re.compile(
    f"(?<![{_JOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINED}])|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
# One selector chooses how an emoji, a keycap's digit or a sign is drawn; more of them, or elsewhere, are a message.
_STRAY_SELECTOR = re.compile(f"(?<![#*0-9{_EMOJI}])[\ufe0e\ufe0f]+|(?<=[\ufe0e\ufe0f])[\ufe0e\ufe0f]+")
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
    text = _HIDDEN.sub(lambda found: found[1] or "", text)
    if text.isascii():
        return text
    text = _SURROGATE.sub("\ufffd", text).translate(_LIGATURES)
    while (kept := unicodedata.normalize("NFC", _STRAY_JOINER.sub("", _STRAY_SELECTOR.sub("", text)))) != text:
        text = kept
    return text


def squeeze(text: str) -> str:
    """One line: every run of white space becomes one space.

    >>> squeeze(" a \\n b ")
    'a b'
    """
    return " ".join(text.split())
