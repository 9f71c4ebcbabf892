"""A company: its mood and volume over time with alerts marked, its stories, and any text of them beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from apps.finance_sentiment.dashboard import going
from apps.finance_sentiment.dashboard.alert_lines import read_alerts
from apps.finance_sentiment.dashboard.curve import Marked, columns, mood_spec, volume_spec, volumes
from apps.finance_sentiment.dashboard.document import show_document
from apps.finance_sentiment.dashboard.exporting import show_exports
from apps.finance_sentiment.dashboard.moods import against_usual, mood, signed
from apps.finance_sentiment.dashboard.overview import read_overview
from apps.finance_sentiment.dashboard.stories import show_stories
from apps.finance_sentiment.schemas.entities import Entity, Watching
from apps.finance_sentiment.schemas.timeline import OverviewRow, Timeline, TimelinePoint
from ui.client import ApiProblem, Client
from ui.holding import forget, held
from ui.moments import moment
from ui.text import label
from ui.widgets import empty_place, show_problem, waiting

KEPT_S = 20.0
PERIODS = {"7 days": 7, "30 days": 30, "90 days": 90, "1 year": 365}
BUCKETS = {"Hours": "1h", "6 hours": "6h", "Days": "1d", "Weeks": "1w"}
FINEST = {7: "Hours", 30: "6 hours", 90: "Days", 365: "Days"}  # what is chosen by itself; by days of the period
HALF_LIVES = {"6 hours": 6, "1 day": 24, "3 days": 72, "1 week": 168}

_PROBLEM = "finance.watch-problem"


@dataclass(frozen=True)
class Asked:
    """What of the curve is shown. as_of: what was known then; None: now"""

    start: datetime
    bucket: str
    half_life: int
    zone: str
    as_of: datetime | None

    def query(self) -> dict[str, str | int | None]:
        """The same for the API."""
        return {
            "from": self.start.isoformat(),
            "bucket": self.bucket,
            "half_life": f"{self.half_life}h",
            "zone": self.zone,
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }


def show_company(client: Client) -> None:
    """Draw the page."""
    try:
        with waiting("Reading the list of companies…"):
            items = read_overview(client, KEPT_S)
        with st.container(key="mood-now"):
            chooser, *figures = st.columns([4, 3, 2, 2, 3], vertical_alignment="bottom")
            with chooser:
                item = _chosen(items)
            if item is not None:
                _show_now(item, figures)
        if item is None:
            _show_nobody(items)
            return
        asked = _show_controls(client, item)
        document = going.number("document")
        main, beside = st.columns(2, gap="medium") if document else (st.container(), None)
        with main:
            with waiting("Drawing the curve…"):
                _show_curve(client, item, asked)
            show_stories(client, item.entity, asked.start)
        if document and beside is not None:
            with beside:
                show_document(client, document, item.entity)
    except ApiProblem as problem:
        show_problem(problem)


def _chosen(items: Sequence[OverviewRow]) -> OverviewRow | None:
    by_id = {item.entity: item for item in items}
    ordered = sorted(by_id, key=lambda one: (not by_id[one].watched, by_id[one].name.casefold()))
    asked = going.place("company")
    chosen = st.selectbox(
        "Company",
        ordered,
        index=ordered.index(asked) if asked in by_id else None,
        format_func=lambda one: by_id[one].name + (" · watched" if by_id[one].watched else ""),
        placeholder="Type a name",
        key=f"finance.company.{asked}",
        filter_mode="contains",
    )
    if chosen is None:
        return None
    if chosen != asked:
        going.put(company=chosen, story=None, document=None)
    return by_id[chosen]


def _show_nobody(items: Sequence[OverviewRow]) -> None:
    if not items:
        empty_place(
            "There are no companies.",
            "Load a list with `trivium finance entities import FILE.csv`, or switch the shipped list on.",
        )
    elif asked := going.place("company"):
        empty_place(f"There is no company “{label(asked, most=60)}”.", "Choose one above.")
    else:
        empty_place("No company is open.", "Choose one above, or click a row of the *Watchlist*.")


def _show_now(item: OverviewRow, places: Sequence[DeltaGenerator]) -> None:
    now, day, week, volume = places
    now.metric("Mood now", mood(item.index) + (f", {signed(item.index)}" if item.index is not None else ""))
    day.metric("Against 24 h ago", _change(item.change_24h))
    week.metric("Against 7 days ago", _change(item.change_7d))
    volume.metric("Stories in 24 h", against_usual(item.volume_24h, item.volume_usual))


def _change(value: float | None) -> str:
    return "unknown" if value is None else signed(value)


def _watch(client: Client, entity: str, watched: bool) -> None:
    try:
        client.replace(f"/v1/finance/entities/{entity}/watched", Watching(watched=watched), Entity)
    except ApiProblem as problem:
        st.session_state[_PROBLEM] = problem
    forget()


def _show_controls(client: Client, item: OverviewRow) -> Asked:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        period = st.segmented_control(
            "Period", list(PERIODS), default="30 days", required=True, key="period", bind="query-params"
        )
        days = PERIODS[period or "30 days"]
        bucket = st.selectbox("A point for each", ["Fitting", *BUCKETS], key="bucket", bind="query-params", width=140)
        with st.popover("More", icon=":material/tune:"):
            half_life = st.selectbox(
                "Half-life of the mood", list(HALF_LIVES), index=1, key="half-life", bind="query-params",
                help="A story counts half as much after this time.",
            )  # fmt: skip
            known = st.date_input(
                "As it was known on", None, key="as-known-on", bind="query-params", format="YYYY-MM-DD",
                help="Late arrivals and corrections after that day are left out. Empty: as it is known now.",
            )  # fmt: skip
        asked = _asked(days, bucket, half_life, known)
        caption, icon = ("Unwatch", ":material/visibility_off:") if item.watched else ("Watch", ":material/visibility:")
        st.button(
            caption, icon=icon, on_click=_watch, args=(client, item.entity, not item.watched), key="finance.watch"
        )
        show_exports(client, item.entity, asked.query())
    if problem := st.session_state.pop(_PROBLEM, None):
        show_problem(problem)
    return asked


def _asked(days: int, bucket: str | None, half_life: str | None, known: date | None) -> Asked:
    zone = _zone()
    now = datetime.now(UTC)
    as_of = None
    if known is not None:
        as_of = datetime.combine(known, clock_time.max, ZoneInfo(zone)).astimezone(UTC)
        as_of = as_of if as_of < now else None
    name = FINEST[days] if bucket in (None, "Fitting") else str(bucket)
    start = ((as_of or now) - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    return Asked(start, BUCKETS[name], HALF_LIVES[half_life or "1 day"], zone, as_of)


def _zone() -> str:
    """The browser's time zone, where it is one."""
    try:
        return ZoneInfo(st.context.timezone or "UTC").key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def _show_curve(client: Client, item: OverviewRow, asked: Asked) -> None:
    path = f"/v1/finance/entities/{item.entity}/timeline"
    query = asked.query()
    timeline = held(f"finance.{path}?{query}", KEPT_S, lambda: client.get(path, Timeline, **query))
    alerts = read_alerts(client, entity=item.entity, limit=100)
    marks = [Marked(one.opened_at, one.headline) for one in alerts if one.opened_at >= asked.start]
    if not any(point["volume"] or point["echoes"] for point in timeline.points):
        empty_place("Nothing was written about it in this period.", "Choose a longer one.")
    else:
        with st.container(gap=None):
            drawn = timeline.points
            st.vega_lite_chart(columns(drawn), mood_spec(drawn, marks), width="stretch", alt=_spoken(item, drawn))
            st.vega_lite_chart(volumes(drawn), volume_spec(drawn), width="stretch", alt="How much was written")
    known = f", as it was known at {moment(asked.as_of, asked.zone)[0]}" if asked.as_of else ""
    st.caption(
        f"Half-life {timeline.half_life:g} h{known}. The line breaks where nothing was written; the band is how "
        "far the stories disagree; :violet[▼] an alert opened. Copies of a story count once."
    )


def _spoken(item: OverviewRow, points: Sequence[TimelinePoint]) -> str:
    """The chart for those who cannot see it."""
    known = [point["index"] for point in points if point["index"] is not None]
    if not known:
        return f"No mood is known of {item.name} in this period."
    stories = sum(point["volume"] for point in points)
    return f"Mood of {item.name}: from {mood(known[0])} to {mood(known[-1])}; {stories} stories."
