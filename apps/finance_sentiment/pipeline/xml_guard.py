"""Look through a feed's XML before anything is made of it: no entities, no depth or size that eats a parser.

Measured with feedparser 6.0.14: 300,000 elements inside each other, 900 kB, take it 23 s; where a feed is broken, each
tag takes 0.03 ms.
"""

import re
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.sax import parseString

from apps.finance_sentiment.errors import FetchFailed

MOST_ELEMENTS = 200_000
MOST_BROKEN_TAGS = 100_000
DEEPEST, DEEPEST_BROKEN = 100, 500

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*)([^<>]*)")
_CLOSED_BY_OTHERS = frozenset(
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th thead tbody tfoot"
    " option".split()
)


def check_xml(text: str) -> bool:
    """Whether the text is well-formed XML.

    raises: FetchFailed where it declares entities, or would cost a parser time out of all proportion
    """
    try:
        # A DTD elsewhere, as RSS 0.91 names one, is not loaded by this parser, nor by feedparser.
        data = text.encode("utf-8", "replace")
        parseString(data, _Measure(), forbid_dtd=False, forbid_entities=True, forbid_external=False)
    except DefusedXmlException:
        raise _entities() from None
    except SAXParseException:
        _check_broken(text)
        return False
    return True


class _Measure(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  its name there
        self._depth += 1
        self._elements += 1
        if self._depth > DEEPEST or self._elements > MOST_ELEMENTS:
            raise _tangled()

    def endElement(self, name: str) -> None:  # noqa: N802
        self._depth -= 1


def _check_broken(text: str) -> None:
    if _ENTITY.search(text):
        raise _entities()
    depth = 0
    for tags, (slash, name, rest) in enumerate(_TAG.findall(text), start=1):
        if name.lower() not in _CLOSED_BY_OTHERS and not rest.endswith("/"):
            depth = max(0, depth + (-1 if slash else 1))
        if depth > DEEPEST_BROKEN or tags > MOST_BROKEN_TAGS:
            raise _tangled()


def _entities() -> FetchFailed:
    return FetchFailed("the feed declares entities, which can hold a trap", remedy="ask its owner for a plain feed")


def _tangled() -> FetchFailed:
    return FetchFailed("the feed is nested deeper, or holds more, than a feed does", remedy="check the address")
