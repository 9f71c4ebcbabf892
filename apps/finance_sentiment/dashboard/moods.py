"""Moods and changes in words and numbers. Knows nothing of Streamlit."""

from __future__ import annotations

LABELS = ("negative", "neutral", "positive")
NO_MOOD = "no evidence"
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#8a949e"  # Okabe and Ito: told apart by colour-blind eyes
SIGNS = {"negative": "▼", "neutral": "■", "positive": "▲"}

_FAINT, _CLEAR, _STRONG = 0.08, 0.25, 0.55  # of an index in [-1, 1]


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, a real minus; none where it rounds to nothing.

    >>> signed(0.314), signed(-0.2), signed(0.001)
    ('+0.31', '\u22120.20', '0.00')
    """
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "\u2212") + text


def mood(index: float | None) -> str:
    """A mood index in words. index: in [-1, 1]; None where nothing speaks for any mood

    >>> mood(0.31), mood(-0.7), mood(0.01), mood(None)
    ('positive', 'very negative', 'neutral', 'no evidence')
    """
    if index is None:
        return NO_MOOD
    size = abs(index)
    if size < _FAINT:
        return "neutral"
    side = "positive" if index > 0 else "negative"
    if size < _CLEAR:
        return f"slightly {side}"
    return f"very {side}" if size >= _STRONG else side


def with_number(index: float | None) -> str:
    """Words and the number.

    >>> with_number(0.31), with_number(None)
    ('▲ positive, +0.31', 'no evidence')
    """
    if index is None:
        return NO_MOOD
    return f"{sign(index)} {mood(index)}, {signed(index)}"


def sign(index: float | None) -> str:
    """Which way, as a shape, so that no colour has to say it."""
    if index is None:
        return ""
    return SIGNS["neutral"] if abs(index) < _FAINT else SIGNS["positive" if index > 0 else "negative"]


def colour(label: str) -> str:
    """Of a mood, for charts and marks."""
    return {"negative": ORANGE, "neutral": GREY, "positive": BLUE}[label]


def sureness(value: float) -> str:
    """A probability in words.

    >>> sureness(0.97), sureness(0.6)
    ('sure', 'unsure')
    """
    if value >= 0.9:
        return "sure"
    return "fairly sure" if value >= 0.7 else "unsure"


def against_usual(volume: int, usual: float | None) -> str:
    """How much is written, against what is usual.

    >>> against_usual(12, 4.0), against_usual(3, None), against_usual(0, 2.0)
    ('12, 3.0 \u00d7 usual', '3', '0, usual 2.0')
    """
    if usual is None or usual <= 0:
        return f"{volume:,}"
    if volume == 0 or volume < 1.5 * usual:
        return f"{volume:,}, usual {usual:.1f}"
    return f"{volume:,}, {volume / usual:.1f} \u00d7 usual"
