"""A company's mood and volume over time, with its alerts marked: two charts over the same time, in Vega-Lite's words.

They are written as plain data: Altair would check every one of a year's 8,760 hours, for 20 to 30 seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.finance_sentiment.dashboard.moods import BLUE, GREY, with_number
from apps.finance_sentiment.schemas.timeline import TimelinePoint

Spec = dict[str, Any]

MARK = "#cc79a7"
ECHO = "#b9c3cc"
MOOD_PX, VOLUME_PX = 180, 160  # axes, titles and legend included
NEW, ECHOES = "New stories", "Copies of known stories"
MOST_DOTS = 200  # points; more would hide the line

_SAME_WIDTH = {"minExtent": 44, "maxExtent": 44}  # of labels and title, so that both begin alike
_WHEN = [
    {"field": "at", "type": "temporal", "title": "From (your time)", "format": "%d %b %Y, %H:%M"},
    {"field": "utc", "type": "nominal", "title": "UTC"},
]


@dataclass(frozen=True)
class Marked:
    """An alert on the curve. at: when it opened;  words: what it says"""

    at: datetime
    words: str


def columns(points: Sequence[TimelinePoint]) -> dict[str, list[object]]:
    """What is drawn of the mood. A bucket without evidence has none, and the line is broken there.

    at: milliseconds since 1970
    """
    spreads = [point["dispersion"] if point["index"] is not None else None for point in points]
    return {
        "at": [_ms(point["start"]) for point in points],
        "utc": [_utc(point["start"]) for point in points],
        "index": [point["index"] for point in points],
        "low": [_edge(point["index"], spread, -1) for point, spread in zip(points, spreads, strict=True)],
        "high": [_edge(point["index"], spread, 1) for point, spread in zip(points, spreads, strict=True)],
        "mood": [with_number(point["index"]) for point in points],
        "moods": [_counts(one) for one in points],
    }


def volumes(points: Sequence[TimelinePoint]) -> dict[str, list[object]]:
    """What is drawn of the volume: two bars a bucket, one on the other."""
    both = [(point, *kind) for point in points for kind in ((NEW, point["volume"], 0), (ECHOES, point["echoes"], 1))]
    return {
        "at": [_ms(point["start"]) for point, *_ in both],
        "utc": [_utc(point["start"]) for point, *_ in both],
        "which": [which for _, which, _, _ in both],
        "count": [count for _, _, count, _ in both],
        "order": [order for _, _, _, order in both],
    }


def mood_spec(points: Sequence[TimelinePoint], alerts: Sequence[Marked]) -> Spec:
    """The mood with its band. points: in order, empty buckets too"""
    time = {"field": "at", "type": "temporal", "title": None, "scale": _span(points)}
    x = time | {"axis": _days(points) | {"labels": False, "ticks": False}}
    axis = {"values": [-1, -0.5, 0, 0.5, 1], "format": "+.1f", **_SAME_WIDTH}
    scale = {"domain": [-1, 1]}
    title = "Mood (\u22121 bad, +1 good)"
    low = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis, "title": title}
    index = {"field": "index", "type": "quantitative", "scale": scale}
    tips = [
        *_WHEN,
        {"field": "mood", "type": "nominal", "title": "Mood"},
        {"field": "moods", "type": "nominal", "title": "Stories"},
    ]
    line = {"type": "line", "color": BLUE, "strokeWidth": 2, "interpolate": "monotone"}
    layers: list[Spec] = [
        {
            "data": {"values": [{"zero": 0}]},
            "mark": {"type": "rule", "color": GREY, "strokeDash": [3, 3]},
            "encoding": {"y": {"field": "zero", "type": "quantitative"}},
        },
        {
            "mark": {"type": "area", "color": BLUE, "opacity": 0.14, "interpolate": "monotone"},
            "encoding": {"x": x, "y": low, "y2": {"field": "high"}},
        },
        {"mark": line, "encoding": {"x": x, "y": index, "tooltip": tips}},
    ]
    if len(points) <= MOST_DOTS:
        dot = {"type": "circle", "color": BLUE, "size": 28, "opacity": 1}
        layers.append({"mark": dot, "encoding": {"x": x, "y": index, "tooltip": tips}})
    return {"height": MOOD_PX, "layer": layers + _marks(alerts), "config": {"view": {"stroke": None}}}


def volume_spec(points: Sequence[TimelinePoint]) -> Spec:
    """How much was written, below the mood and as wide as it."""
    return {
        "height": VOLUME_PX,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "title": "Your time",
                "scale": _span(points),
                "axis": _days(points),
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": "Texts",
                "axis": {"tickMinStep": 1, "tickCount": 4, "format": "d", **_SAME_WIDTH},
            },
            "color": {
                "field": "which",
                "type": "nominal",
                "scale": {"domain": [NEW, ECHOES], "range": [BLUE, ECHO]},
                "legend": {"title": None, "orient": "top", "direction": "horizontal", "offset": 2, "padding": 0},
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                *_WHEN,
                {"field": "which", "type": "nominal", "title": "Kind"},
                {"field": "count", "type": "quantitative", "title": "Texts"},
            ],
        },
        "config": {"view": {"stroke": None}},
    }


def _marks(alerts: Sequence[Marked]) -> list[Spec]:
    if not alerts:
        return []
    values = [{"at": _ms(one.at), "words": one.words, "utc": _utc(one.at), "top": 1} for one in alerts]
    tips = [
        {"field": "words", "type": "nominal", "title": "Alert"},
        {"field": "utc", "type": "nominal", "title": "Opened"},
    ]
    x = {"field": "at", "type": "temporal"}
    head = {"type": "point", "shape": "triangle-down", "color": MARK, "filled": True, "size": 110, "opacity": 1}
    rule = {"type": "rule", "color": MARK, "strokeWidth": 1.5}
    return [
        {"data": {"values": values}, "mark": rule, "encoding": {"x": x, "tooltip": tips}},
        {
            "data": {"values": values},
            "mark": head,
            "encoding": {"x": x, "y": {"field": "top", "type": "quantitative"}, "tooltip": tips},
        },
    ]


def _days(points: Sequence[TimelinePoint]) -> Spec:
    """Dates below; a tick for each day where there are few."""
    days = (points[-1]["start"] - points[0]["start"]).days if points else 0
    ticks: object = {"interval": "day", "step": 1} if days <= 10 else 10
    return {"format": "%b %Y" if days > 200 else "%d %b", "titlePadding": 4, "tickCount": ticks}


def _span(points: Sequence[TimelinePoint]) -> Spec:
    """The same for both charts, whatever each of them draws: a moment as its parts, since Vega-Lite takes no number."""
    if not points:
        return {}
    step = points[-1]["start"] - points[-2]["start"] if len(points) > 1 else timedelta(hours=1)
    return {"domain": [_parts(points[0]["start"]), _parts(points[-1]["start"] + step)]}


def _parts(at: datetime) -> Spec:
    there = at.astimezone(UTC)
    day = {"year": there.year, "month": there.month, "date": there.day}
    return {**day, "hours": there.hour, "minutes": there.minute, "utc": True}


def _counts(point: TimelinePoint) -> str:
    return ", ".join(f"{count} {mood}" for mood, count in _by_mood(point).items())


def _by_mood(point: TimelinePoint) -> dict[str, int]:
    return {"negative": point["negative"], "neutral": point["neutral"], "positive": point["positive"]}


def _edge(index: float | None, spread: float | None, side: int) -> float | None:
    if index is None or spread is None:
        return None
    return max(-1.0, min(1.0, index + side * spread))


def _ms(at: datetime) -> float:
    return at.timestamp() * 1000.0


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
