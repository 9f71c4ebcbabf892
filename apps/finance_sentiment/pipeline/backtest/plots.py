"""A backtest's plots as inline SVG, coloured by the report's style sheet. Measures nothing."""

from collections.abc import Sequence
from datetime import date
from html import escape

from core.evaluation.intervals import Figure

WIDTH, HEIGHT = 960, 280  # pixels
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 14, 50
MOST_TICKS = 12
LINE = "fill:none;stroke:var(--right);stroke-width:1.5"


def bars(title: str, beside: str, names: Sequence[str], values: Sequence[float]) -> str:
    """A bar a span of time. names: of the spans"""
    top = max([*values, 1.0])
    frame = _Frame(0.0, top)
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    marks = []
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        y = frame.y(value)
        marks.append(
            f'<rect class="right" x="{LEFT + at * step + 0.5:.1f}" y="{y}" width="{max(1.0, step - 1):.1f}" '
            f'height="{frame.y(0) - y:.1f}"><title>{escape(name)}: {value:g}</title></rect>'
        )
    return frame.drawn(title, beside, names, marks)


def points(title: str, beside: str, names: Sequence[str], figures: Sequence[Figure | None]) -> str:
    """A point with its interval a span of time; nothing where there is no figure. The dashed line is 0."""
    known = [one for one in figures if one is not None]
    frame = _Frame(min([one.low for one in known] + [-0.1]), max([one.high for one in known] + [0.1]))
    marks = [frame.zero()]
    for at, (name, one) in enumerate(zip(names, figures, strict=True)):
        if one is None:
            continue
        x = frame.x((at + 0.5) / len(names))
        says = f"{name}: {one.value:.3f}, {one.low:.3f} to {one.high:.3f}, {one.n} days"
        marks.append(f'<line class="whisker" x1="{x}" x2="{x}" y1="{frame.y(one.low)}" y2="{frame.y(one.high)}"/>')
        marks.append(
            f'<circle class="right" cx="{x}" cy="{frame.y(one.value)}" r="4.5"><title>{escape(says)}</title></circle>'
        )
    return frame.drawn(title, beside, names, marks)


def curve(title: str, beside: str, days: Sequence[date], values: Sequence[float | None], marked: Sequence[int]) -> str:
    """A line, broken where nothing is known. marked: places of days below which a triangle stands"""
    frame = _Frame(-1.0, 1.0)
    marks = [frame.zero()]
    run: list[str] = []
    for at, value in enumerate([*values, None]):
        if value is not None:
            run.append(f"{frame.x(at / max(1, len(values) - 1))},{frame.y(value)}")
        elif run:
            marks.append(f'<polyline style="{LINE}" points="{" ".join(run)}"/>')
            run = []
    for at in marked:
        x, y = frame.x(at / max(1, len(values) - 1)), HEIGHT - BOTTOM
        says = f"alert for {days[at]}"
        marks.append(f'<polygon class="wrong" points="{x - 5},{y} {x + 5},{y} {x},{y - 10}"><title>{says}</title>'
                     "</polygon>")  # fmt: skip
    return frame.drawn(title, beside, [day.isoformat() for day in days], marks)


class _Frame:
    """Axes around marks. low, high: of the vertical axis"""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def x(self, share: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    def zero(self) -> str:
        return f'<line class="ideal" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(0)}" y2="{self.y(0)}"/>'

    def drawn(self, title: str, beside: str, names: Sequence[str], marks: Sequence[str]) -> str:
        parts = []
        for part in range(5):
            value = self.low + (self.high - self.low) * part / 4
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text class="soft" text-anchor="end" x="{LEFT - 7}" y="{y + 4}">{value:.3g}</text>')
        every = max(1, -(-len(names) // MOST_TICKS))
        for at in range(0, len(names), every):
            x = self.x((at + 0.5) / len(names))
            parts.append(
                f'<text class="soft" text-anchor="middle" x="{x}" y="{HEIGHT - BOTTOM + 18}">{escape(names[at])}</text>'
            )
        middle = (HEIGHT - BOTTOM + TOP) / 2
        turned = f'transform="rotate(-90 14 {middle})"'
        parts.append(f'<text class="soft" text-anchor="middle" x="14" y="{middle}" {turned}>{escape(beside)}</text>')
        below = "Time"
        parts.append(f'<text class="soft" text-anchor="middle" x="{WIDTH / 2}" y="{HEIGHT - 10}">{below}</text>')
        size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        return f'<svg role="img" aria-label="{escape(title)}" {size}>{"".join([*parts, *marks])}</svg>'
