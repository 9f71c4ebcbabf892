"""Rows of events: what is taken, what is refused, and in which words."""

import math

import pytest

from apps.recommender.pipeline.ingesting.events import EventReader
from apps.recommender.pipeline.ingesting.rows import read_lines, read_listed
from apps.recommender.settings import EventType, RecommenderSettings
from apps.recommender.store.events import NewEvent
from core.testing.fakes import FixedClock

VIEW = {"user": "ann", "item": "lamp", "type": "view", "timestamp": 1_700_000_000}


def read(
    *rows: object, settings: RecommenderSettings | None = None, **wishes: bool
) -> tuple[list[NewEvent], list[str]]:
    chosen = {"now_if_untimed": False, **wishes}
    reader = EventReader(settings or RecommenderSettings(), FixedClock(), **chosen)
    found = list(reader.read(read_listed(rows, reader.faults.unreadable)))
    return found, [f"{fault.line}: {fault.problem}" for fault in reader.faults.told]


@pytest.mark.parametrize(
    "written",
    [
        1_700_000_000,
        1_700_000_000.0,
        "1700000000",
        1_700_000_000_000,
        1_700_000_000_000_000,
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20+01:00",
        "2023-11-14 22:13:20",
    ],
)
def test_a_time_is_read_in_every_usual_format(written: object):
    [event], faults = read({**VIEW, "timestamp": written})
    assert (event.at, faults) == (1_700_000_000.0, [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "rating", "value": 11}, "a rating of 11 lies outside of 0.5 to 5"),
        ({"type": "rating"}, "value is missing: a rating needs one"),
        ({"type": "comment"}, "text is missing: a comment needs one, or its mood as value"),
        ({"type": "comment", "value": 5}, "value of a comment is its mood, and lies in -1 to 1"),
        ({"timestamp": "2099-01-01"}, "timestamp lies in the future"),
        ({"timestamp": "14/11/2023"}, "timestamp must be a time in ISO 8601, or seconds or milliseconds since 1970"),
        ({"timestamp": -5}, "timestamp must lie in the years 1970 to 9999"),
        ({"timestamp": None}, "timestamp is missing"),
        ({"user": ""}, "user is missing; an anonymous visitor has a session instead"),
        ({"item": None}, "item is missing"),
        ({"item": "x" * 201}, "item has more than 200 characters"),
        ({"item": ["lamp"]}, "item must be text"),
        ({"value": "much"}, "value must be a number"),
        ({"value": math.inf}, "value must be a finite number"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_sentence(change: dict[str, object], problem: str):
    assert read({**VIEW, **change}) == ([], [f"1: {problem}"])


def test_an_unknown_type_is_told_with_those_that_there_are():
    _, [problem] = read({**VIEW, "type": "veiw"})
    assert problem.startswith("1: type is none of impression, view, click")
    more = RecommenderSettings(event_types={"wish": EventType(weight=0.6, half_life_days=60)})
    found, _ = read({**VIEW, "type": "wish"}, VIEW, settings=more)
    assert [event.type for event in found] == ["wish", "view"]


def test_the_scale_of_ratings_is_a_setting():
    [event], faults = read({**VIEW, "type": "rating", "value": 11}, settings=RecommenderSettings(rating_to=20))
    assert (event.value, faults) == (11.0, [])


def test_numbers_are_ids_and_tables_have_empty_cells():
    [event], faults = read({**VIEW, "user": 17.0, "item": 4, "session": math.nan, "value": "", "text": "  "})
    assert (event.who, event.item, event.value, faults) == (("user", "17"), "4", None, [])


def test_an_event_belongs_to_the_user_before_the_session():
    found, _ = read({**VIEW, "session": "s1"}, {**VIEW, "user": None, "session": "s1"})
    assert [event.who for event in found] == [("user", "ann"), ("session", "s1")]


def test_the_same_row_has_the_same_digest_and_its_twin_another():
    [one, twin, other], _ = read(VIEW, VIEW, {**VIEW, "value": 1})
    again, _ = read(VIEW, VIEW)
    assert len({one.digest, twin.digest, other.digest}) == 3
    assert [event.digest for event in again] == [one.digest, twin.digest]


def test_an_id_decides_alone_whether_an_event_is_the_same():
    found, _ = read({**VIEW, "id": "e1"}, {**VIEW, "id": "e1", "item": "sofa"}, {**VIEW, "id": "e2"})
    assert len({event.digest for event in found}) == 2


def test_columns_that_events_do_not_have_are_named():
    reader = EventReader(RecommenderSettings(), FixedClock(), now_if_untimed=False)
    list(reader.read(read_listed([{**VIEW, "country": "FR"}], reader.faults.unreadable)))
    assert reader.ignored == {"country"}


def test_broken_lines_are_told_and_the_next_is_read():
    faults: list[tuple[int, str]] = []
    lines = [
        b'\xef\xbb\xbf{"a": 1}\n',
        b"{oops\n",
        b"\n",
        b"[1]\n",
        b'{"a": "\xff"}\n',
        b"[" * 5_000 + b"\n",
        b'{"a": 2}',
    ]
    found = list(read_lines(lines, lambda line, problem: faults.append((line, problem))))
    assert [(row.line, row.fields["a"]) for row in found] == [(1, 1), (7, 2)]
    assert faults == [(2, "is not JSON"), (4, "is not a JSON object"), (5, "is not UTF-8"), (6, "is not JSON")]


def test_feedback_is_a_click_that_names_its_request():
    found, faults = read({**VIEW, "request": "r1"} | {"type": "purchase"}, VIEW, of_requests=True)
    assert (found[0].type, found[0].request) == ("purchase", "r1")
    assert faults == ["2: request is missing: feedback names the request of its recommendation"]
    [event], _ = read({"user": "ann", "item": "lamp", "request": "r1"}, of_requests=True, now_if_untimed=True)
    assert (event.type, event.at) == ("click", FixedClock()().timestamp())
