"""How much a text is about a company, 0 to 100. A sum that can be explained; no model.

    40   named in the title (a text of one sentence is its own title)
  + 25   x (1 - place of the first mention / length of the text)
  + 20   x (1 - 1/2 ** (mentions - 1)), so 0, 10, 15, …
  + 15   where the first mention begins a sentence or is followed by what companies do: it is the subject

Then, where the text names k companies, x (0.6 + 0.4 / k): a list of ten says little of each.
"""

from dataclasses import dataclass

TITLE, PLACE, COUNT, SUBJECT = 40.0, 25.0, 20.0, 15.0
ALONE, SHARED = 0.6, 0.4


@dataclass(frozen=True, slots=True)
class Places:
    """Where a company stands in a text. first: character of the first mention;  count: mentions"""

    first: int
    count: int
    in_title: bool
    is_subject: bool


def relevance(places: Places, length: int, companies: int) -> int:
    """length: of the text, in characters;  companies: how many it names, this one included;  returns: 0 to 100

    >>> relevance(Places(first=0, count=1, in_title=True, is_subject=True), length=80, companies=1)
    80
    >>> relevance(Places(first=60, count=1, in_title=False, is_subject=False), length=80, companies=4)
    4
    """
    points = (
        TITLE * places.in_title
        + PLACE * (1 - places.first / max(1, length))
        + COUNT * (1 - 0.5 ** (places.count - 1))
        + SUBJECT * places.is_subject
    )
    return round(min(100.0, points * (ALONE + SHARED / max(1, companies))))
