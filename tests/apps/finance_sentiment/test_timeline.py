"""Curves over HTTP: the formula, evidence, echoes, late arrivals, corrections, zones, the overview."""

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pyarrow import parquet
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from apps.finance_sentiment.app import app
from apps.finance_sentiment.pipeline.hours import apply
from apps.finance_sentiment.store.archive_tables import ReadingRow
from core.app import Services
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.api import api_client
from core.testing.fakes import FixedClock, LetterEncoder
from tests.apps.finance_sentiment.archive import NOON, captured, company, reading

FINANCE = {"finance_sentiment": {"shipped_companies": False}}


@pytest.fixture
def house(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    own = settings.model_copy(update={"database_url": database_url, "apps": FINANCE})
    opened = open_services(own, encoder=LetterEncoder(), clock=clock)
    upgrade(opened.database, [app])
    upgrade(opened.database, [])
    yield opened
    close_services(opened)


@pytest.fixture
def client(house: Services, clock: FixedClock) -> Iterator[TestClient]:
    clock.advance(hours=48)
    with house.database.session(write=True) as session:
        company(session, "ash", "Energy")
        company(session, "birch", "Energy", watched=False)
    with api_client(house, [app]) as opened:
        yield opened


def read(
    session: Session, entity: str, score: float, hours: float, *, echo: bool = False, **more: object
) -> ReadingRow:
    """A reading so many hours after noon, counted."""
    document = captured(session, f"About {entity}", NOON + timedelta(hours=hours))
    document.echo = echo
    row = reading(document, entity, score, **more)  # type: ignore[arg-type]
    session.add(row)
    session.flush()
    apply(session, [row], [])
    return row


def points(client: TestClient, address: str = "/entities/ash/timeline", **asked: str) -> list[dict[str, object]]:
    answer = client.get(f"/v1/finance{address}", params=asked)
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, object]] = answer.json()["points"]
    return found


def test_an_empty_archive_has_empty_curves(client: TestClient):
    [first, *_, last] = points(client)
    assert first == {**last, "start": first["start"]}
    assert (last["volume"], last["index"], last["dispersion"], last["evidence"]) == (0, None, None, 0)
    assert points(client, "/timeline", watched="true")[-1]["index"] is None
    [ash, birch] = client.get("/v1/finance/overview").json()["items"]
    assert (ash["index"], ash["change_24h"], ash["volume_24h"], ash["last_story"]) == (None, None, 0, None)
    assert ash["sparkline"] == [None] * 30
    assert birch["watched"] is False


@pytest.mark.parametrize("bucket", ["1h", "30m"])
def test_the_index_fades_by_half_lives(client: TestClient, house: Services, bucket: str):
    with house.database.session(write=True) as session:
        read(session, "ash", 1.0, 0.5)
        read(session, "ash", -1.0, 4.5, relevance=50)
    found = points(client, bucket=bucket, half_life="4h", **{"from": "2026-01-01T12:00Z", "to": "2026-01-01T17:00Z"})
    before, after = found[-2]["index"], found[-1]["index"]
    assert found[0]["volume"] + found[1]["volume"] == 1  # type: ignore[operator]
    assert after == pytest.approx((0.5 - 0.5) / 1.0, abs=1e-6)  # both weigh half: one is old, the other barely about it
    assert before == 1.0 if bucket == "1h" else before in (1.0, 0.0)
    assert found[-1]["dispersion"] == pytest.approx(1.0)
    assert found[-1]["evidence"] == pytest.approx(1.0 * 2 ** (-0.5 / 4), abs=1e-6)


def test_hours_and_readings_draw_the_same_days(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        for at in range(40):
            read(session, "ash", math.sin(at), at + 0.5, echo=at % 7 == 0, enough=at % 5 > 0, relevance=10 + at)
    asked = {"from": "2026-01-01T00:00Z", "bucket": "1d"}
    fast, slow = points(client, **asked), points(client, as_of="2026-01-03T12:00:00Z", **asked)
    assert [point["volume"] for point in fast] == [10, 20, 4]
    assert fast == slow


def test_echoes_and_thin_evidence_are_counted_and_weigh_nothing(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", -0.9, 1, echo=True)
        read(session, "ash", 0.9, 2, enough=False)
    last = points(client, **{"from": "2026-01-01T12:00Z", "to": "2026-01-01T18:00Z"})[-1]
    assert (last["volume"], last["echoes"], last["index"], last["positive"]) == (1, 1, None, 0)


def test_without_fresh_evidence_the_index_ends_and_is_not_zero(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", -1.0, 0.5)
    found = points(client, bucket="1h", half_life="1h", **{"from": "2026-01-01T12:00Z", "to": "2026-01-01T21:00Z"})
    assert [point["index"] for point in found] == [-1.0] * 7 + [None] * 2


def test_a_late_arrival_appears_from_when_it_was_known(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", 0.5, 1)
        read(session, "ash", -0.5, 2, known_at=NOON + timedelta(hours=20))
    day = {"from": "2026-01-01T00:00Z", "to": "2026-01-01T23:00Z"}
    volumes = [
        points(client, as_of=then, **day)[0]["volume"]
        for then in ("2026-01-01T13:00:00Z", "2026-01-01T23:00:00Z", "2026-01-02T09:00:00Z")
    ]
    assert volumes == [0, 1, 2]
    assert points(client, **day)[0]["volume"] == 2


def test_a_correction_changes_what_is_known_now_and_not_what_was_known_then(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        wrong = read(session, "ash", -1.0, 1)
        then = NOON + timedelta(hours=30)
        wrong.until = then
        right = ReadingRow(
            **{
                column.name: getattr(wrong, column.name)
                for column in ReadingRow.__table__.columns
                if column.name != "id"
            }
        )
        right.score, right.negative, right.positive = 1.0, 0.0, 1.0
        right.known_at, right.until, right.corrected_by = then, None, "ann"
        session.add(right)
        session.flush()
        apply(session, [right], [wrong])
    day = {"from": "2026-01-01T00:00Z", "to": "2026-01-01T23:00Z"}
    assert points(client, **day)[0]["index"] == 1.0
    assert points(client, as_of="2026-01-02T17:59:59Z", **day)[0]["index"] == -1.0
    assert points(client, as_of="2026-01-02T18:00:00Z", **day)[0]["index"] == 1.0


def test_days_are_those_of_the_zone(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", 0.5, 7)  # 19:00 in UTC, half past midnight in Kolkata
    asked = {"from": "2026-01-01T00:00Z", "to": "2026-01-02T06:00Z"}
    found = points(client, zone="Asia/Kolkata", **asked)
    assert {point["start"]: point["volume"] for point in found if point["volume"]} == {"2026-01-01T18:30:00Z": 1}
    assert [point["volume"] for point in points(client, zone="UTC", **asked)] == [1, 0]


def test_a_sector_adds_its_companies_up(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", 1.0, 1)
        read(session, "birch", -1.0, 1)
    day = {"from": "2026-01-01T00:00Z", "to": "2026-01-01T23:00Z"}
    assert points(client, "/timeline", sector="Energy", **day)[0]["index"] == 0.0
    assert points(client, "/timeline", watched="true", **day)[0]["index"] == 1.0
    assert points(client, "/timeline", **day)[0]["volume"] == 2
    assert client.get("/v1/finance/timeline", params={"sector": "Toys"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"half_life": "-3h"}, "must be longer than nothing"),
        ({"half_life": "0"}, "must be longer than nothing"),
        ({"bucket": "1y"}, "no width of a bucket"),
        ({"bucket": "1m", "from": "2025-01-01T00:00Z"}, "ask for wider buckets"),
        ({"zone": "Mars/Base"}, "no time zone"),
        ({"from": "2026-01-02T00:00Z", "to": "2026-01-01T00:00Z"}, "holds nothing"),
        ({"from": "2030-01-01T00:00Z"}, "holds nothing"),
        ({"from": "2026-01-01T00:00"}, "needs its zone"),
        ({"as_of": "2026-01-01T00:00"}, "needs its zone"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(client: TestClient, asked: dict[str, str], told: str):
    answer = client.get("/v1/finance/entities/ash/timeline", params=asked)
    assert answer.status_code == 422
    assert told in answer.json()["message"]


def test_an_unknown_company_has_no_curve(client: TestClient):
    assert client.get("/v1/finance/entities/zzz/timeline").status_code == 404


def test_the_overview_tells_mood_now_and_before(client: TestClient, house: Services, clock: FixedClock):
    with house.database.session(write=True) as session:
        read(session, "ash", 0.5, 1)
        newest = read(session, "ash", -1.0, 47.5)
        read(session, "ash", -1.0, 47.6, echo=True)
    [ash] = client.get("/v1/finance/overview", params={"watched": True}).json()["items"]
    now, before = ash["index"], ash["index"] - ash["change_24h"]
    assert before == pytest.approx(0.5)
    assert -1 < now < -0.5
    assert ash["change_7d"] is None  # nothing was known a week ago
    assert (ash["volume_24h"], ash["volume_usual"]) == (1, round(1 / 28, 3))
    assert ash["sparkline"][-2:] == [pytest.approx(0.5), now]
    assert ash["last_story"]["document"] == newest.document_id
    same = points(client, bucket="1h", **{"from": "2026-01-03T11:00Z"})[-1]["index"]
    assert now == pytest.approx(same, abs=1e-3)


def test_the_overview_is_paged(client: TestClient):
    first = client.get("/v1/finance/overview", params={"limit": 1}).json()
    second = client.get("/v1/finance/overview", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [row["entity"] for row in (*first["items"], *second["items"])] == ["ash", "birch"]
    assert second["next_cursor"] is None


def test_a_curve_is_a_file_too(client: TestClient, house: Services):
    with house.database.session(write=True) as session:
        read(session, "ash", -0.5, 1)
    asked = {"from": "2026-01-01T00:00Z", "to": "2026-01-01T23:00Z"}
    answer = client.get("/v1/finance/entities/ash/timeline", params={**asked, "format": "csv"})
    assert answer.headers["content-disposition"] == 'attachment; filename="timeline-ash.csv"'
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["start"], row["volume"], row["index"]) == ("2026-01-01T00:00:00+00:00", "1", "-0.5")
    answer = client.get("/v1/finance/entities/ash/timeline", params={**asked, "format": "parquet"})
    [row] = parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert isinstance(row["start"], datetime)
    assert row["index"] == -0.5


def test_who_may_not_read_sees_no_curve(house: Services):
    with api_client(house, [app], scopes=["models:read"]) as stranger:
        assert stranger.get("/v1/finance/overview").status_code == 403
