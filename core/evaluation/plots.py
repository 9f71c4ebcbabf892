"""Plots as inline SVG, coloured by the page's style sheet. Escapes every text that it is given; measures nothing."""

from collections.abc import Sequence
from html import escape

from core.evaluation.calibration import HistogramBar, ReliabilityBin
from core.evaluation.findings import LabelScore, named
from core.evaluation.intervals import Figure

WIDTH, HEIGHT = 460, 340  # pixels; a plot of probabilities
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 12, 50  # its margins
NAME_LETTERS = 30


def reliability_diagram(bins: Sequence[ReliabilityBin]) -> str:
    """Share right against confidence, a point a bin with its interval; on the dashed line the two agree."""
    marks = [f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>']
    for b in bins:
        x = _x(b.confidence)
        marks.append(f'<line class="whisker" x1="{x}" x2="{x}" y1="{_y(b.right.low)}" y2="{_y(b.right.high)}"/>')
        says = f"confidence {b.confidence:.3f}, right {b.right.value:.3f} of {b.right.n} rows"
        marks.append(f'<circle class="right" cx="{x}" cy="{_y(b.right.value)}" r="4.5"><title>{says}</title></circle>')
    frame = _frame("Mean confidence of the bin (probability)", "Rows decided rightly (share)", [0, 0.25, 0.5, 0.75, 1])
    return _svg("Reliability diagram", WIDTH, HEIGHT, [*frame, *marks])


def confidence_histogram(bars: Sequence[HistogramBar]) -> str:
    """Rows by confidence; right below, wrong on top."""
    step = _tick(max((bar.right + bar.wrong for bar in bars), default=1))
    top = step * max(1, -(-max((bar.right + bar.wrong for bar in bars), default=1) // step))
    marks = []
    for bar in bars:
        x, width = _x(bar.low) + 0.5, round(_x(bar.high) - _x(bar.low) - 1, 1)
        for kind, low, n in (("right", 0, bar.right), ("wrong", bar.right, bar.wrong)):
            y = _y((low + n) / top)
            says = f"confidence {bar.low:.2f} to {bar.high:.2f}: {n} {kind}"
            height = round(_y(low / top) - y, 1)
            marks.append(
                f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"><title>{says}</title></rect>'
            )
    for at, kind in enumerate(("right", "wrong")):
        marks.append(f'<rect class="{kind}" x="{LEFT + 12}" y="{TOP + 6 + 18 * at}" width="11" height="11"/>')
        marks.append(f'<text x="{LEFT + 29}" y="{TOP + 16 + 18 * at}">{kind}</text>')
    ticks = [value / top for value in range(0, top + 1, step)]
    frame = _frame("Confidence (probability)", "Rows (count)", ticks, [f"{v:,}" for v in range(0, top + 1, step)])
    return _svg("Histogram of confidence", WIDTH, HEIGHT, [*frame, *marks])


def f1_bars(labels: Sequence[LabelScore]) -> str:
    """A bar a label, in the order given."""
    left, row, width = 220, 20, 760
    reach, height = width - left - 110, row * len(labels) + BOTTOM
    parts = []
    for value in (0, 0.25, 0.5, 0.75, 1):
        x = round(left + reach * value, 1)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{height - BOTTOM + 4}"/>')
        parts.append(f'<text class="soft" text-anchor="middle" x="{x}" y="{height - BOTTOM + 19}">{value:g}</text>')
    for at, score in enumerate(labels):
        y, name = row * at, named(score.label)
        short = name if len(name) <= NAME_LETTERS else name[: NAME_LETTERS - 1] + "…"
        end = round(left + reach * score.f1, 1)
        parts += [
            f'<text text-anchor="end" x="{left - 8}" y="{y + 14}">{escape(short)}<title>{escape(name)}</title></text>',
            f'<rect class="right" x="{left}" y="{y + 3}" width="{round(end - left, 1)}" height="{row - 6}"/>',
            f'<text x="{end + 6}" y="{y + 14}">{score.f1:.2f}'
            f'<tspan class="soft" dx="6">{score.support:,} row{"" if score.support == 1 else "s"}</tspan></text>',
        ]
    parts.append(f'<text class="soft" text-anchor="middle" x="{left + reach / 2}" y="{height - 10}">F1 (0 to 1)</text>')
    return _svg("F1 of each label", width, height, parts)


def interval_bar(figure: Figure, lowest: float = 0.0) -> str:
    """The interval as a thick line with a point at the value. lowest: the scale's left end; its right end is 1"""
    width, middle = 160, 9

    def place(value: float) -> float:
        return round(4 + (width - 8) * min(1.0, max(0.0, (value - lowest) / (1 - lowest))), 1)

    parts = [
        f'<line class="grid" x1="4" x2="{width - 4}" y1="{middle}" y2="{middle}"/>',
        f'<line class="whisker" style="stroke-width:8;opacity:.45" x1="{place(figure.low)}" '
        f'x2="{place(figure.high)}" y1="{middle}" y2="{middle}"/>',
        f'<circle class="right" cx="{place(figure.value)}" cy="{middle}" r="3"/>',
    ]
    return _svg(f"{figure.value:.3f} between {figure.low:.3f} and {figure.high:.3f}", width, 18, parts)


def _x(share: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * share, 1)


def _y(share: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)


def _frame(below: str, beside: str, ticks: Sequence[float], texts: Sequence[str] = ()) -> list[str]:
    """Grid, ticks and axis titles. ticks: shares of the vertical axis;  texts: what stands at them"""
    parts = []
    for share, text in zip(ticks, texts or [f"{tick:g}" for tick in ticks], strict=True):
        y = _y(share)
        parts.append(f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="soft" text-anchor="end" x="{_x(0) - 7}" y="{y + 4}">{text}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<text class="soft" text-anchor="middle" x="{_x(share)}" y="{_y(0) + 18}">{share:g}</text>')
    parts.append(f'<text class="soft" text-anchor="middle" x="{_x(0.5)}" y="{HEIGHT - 10}">{escape(below)}</text>')
    turned = f'transform="rotate(-90 14 {_y(0.5)})"'
    parts.append(f'<text class="soft" text-anchor="middle" x="14" y="{_y(0.5)}" {turned}>{escape(beside)}</text>')
    return parts


def _tick(most: int) -> int:
    """A round step that divides 0 to `most` in at most five.

    >>> _tick(3), _tick(48), _tick(1200)
    (1, 10, 500)
    """
    unit = 1
    while True:
        for factor in (1, 2, 5):
            if most <= 5 * factor * unit:
                return factor * unit
        unit *= 10


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg role="img" aria-label="{escape(title)}" {size}>{"".join(parts)}</svg>'
