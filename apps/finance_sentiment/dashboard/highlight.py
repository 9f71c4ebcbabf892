"""A text with what decided its mood marked: the sentence, the company's name, the words. Makes HTML, draws nothing."""

from __future__ import annotations

from apps.finance_sentiment.schemas.documents import Reading
from ui.text import escaped

LEAST = 0.15  # of the strongest token: weaker ones are not marked
STEPS = 3


def document_html(title: str, text: str, reading: Reading | None) -> str:
    """The document as it was read (title, newline, text); marked for one company, or plain.

    Classes: `for-1` to `for-3` where letters spoke for what was read, `against-…` where against it; `sentence`, `name`.

    >>> document_html("Up & away", "", None)
    '<p class="mood-title">Up &amp; away</p>'
    """
    whole = f"{title}\n{text}" if text else title
    styles = _styles(whole, reading)
    ends = len(title)
    parts = [f'<p class="mood-title">{_marked(whole, styles, 0, ends)}</p>']
    at = ends + 1
    for block in whole[ends + 1 :].split("\n"):
        if block.strip():
            parts.append(f"<p>{_marked(whole, styles, at, at + len(block))}</p>")
        at += len(block) + 1
    return "".join(parts)


def _styles(whole: str, reading: Reading | None) -> list[str]:
    styles = [""] * len(whole)
    if reading is None:
        return styles

    def paint(start: int, end: int, style: str) -> None:
        for at in range(max(start, 0), min(end, len(whole))):
            styles[at] = f"{styles[at]} {style}".strip()

    start = whole.find(reading.sentence) if reading.sentence else -1
    if start >= 0:
        paint(start, start + len(reading.sentence), "sentence")
    strongest = max((abs(token.weight) for token in reading.tokens), default=0.0)
    for token in reading.tokens:
        share = abs(token.weight) / strongest if strongest else 0.0
        if share >= LEAST:
            side = "for" if token.weight > 0 else "against"
            paint(token.start, token.end, f"{side}-{max(1, round(share * STEPS))}")
    paint(reading.start, reading.end, "name")
    return styles


def _marked(whole: str, styles: list[str], start: int, end: int) -> str:
    pieces: list[str] = []
    at = start
    while at < end:
        stop = at
        while stop < end and styles[stop] == styles[at]:
            stop += 1
        words = escaped(whole[at:stop])
        pieces.append(f'<span class="{styles[at]}">{words}</span>' if styles[at] else words)
        at = stop
    return "".join(pieces)
