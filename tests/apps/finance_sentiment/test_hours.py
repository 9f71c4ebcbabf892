"""Hourly sums: what is counted in and out equals what is counted anew."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import delete, select

from apps.finance_sentiment.pipeline.hours import apply, recount
from apps.finance_sentiment.store.archive_tables import HourRow, ReadingRow
from core.database import Database
from tests.apps.finance_sentiment.archive import NOON, captured, company, reading


@pytest.fixture
def archive(database: Database) -> Database:
    with database.session(write=True) as session:
        for key in ("ash", "birch"):
            company(session, key)
    return database


def sums(database: Database) -> dict[tuple[str, int], tuple[float, ...]]:
    """By company and hour after noon, without hours in which nothing is left."""
    with database.session() as session:
        rows = session.scalars(select(HourRow)).all()
    found = {
        (row.entity_id, int((row.hour - NOON).total_seconds() // 3600)): (
            row.volume, row.echoes, row.negative, row.neutral, row.positive,
            round(row.weight, 6) + 0.0, round(row.weighted, 6) + 0.0, round(row.squared, 6) + 0.0,
        )
        for row in rows
    }  # fmt: skip
    return {key: values for key, values in found.items() if any(values)}


def test_what_each_kind_of_reading_adds(archive: Database):
    with archive.session(write=True) as session:
        first, echo = captured(session, "Ash wins"), captured(session, "Ash wins again", NOON + timedelta(minutes=59))
        echo.echo = True
        thin = captured(session, "Ash", NOON + timedelta(hours=1))
        apply(session, [reading(first, "ash", 0.8, relevance=50), reading(echo, "ash", 0.9)], [])
        apply(session, [reading(thin, "ash", -0.2, enough=False), reading(first, "birch", -0.6)], [])
    assert sums(archive) == {
        ("ash", 0): (1, 1, 0, 0, 1, 0.5, 0.4, 0.32),
        ("ash", 1): (1, 0, 0, 0, 0, 0.0, 0.0, 0.0),
        ("birch", 0): (1, 0, 1, 0, 0, 1.0, -0.6, 0.36),
    }


def test_a_correction_takes_the_old_reading_out(archive: Database):
    with archive.session(write=True) as session:
        document = captured(session, "Ash wins")
        wrong, right = reading(document, "ash", 0.8), reading(document, "ash", -0.8)
        apply(session, [wrong], [])
        apply(session, [right], [wrong])
    assert sums(archive) == {("ash", 0): (1, 0, 1, 0, 0, 1.0, -0.8, 0.64)}


steps = st.lists(
    st.tuples(st.sampled_from(["ash", "birch"]), st.integers(0, 3), st.floats(-1, 1), st.integers(0, 100),
              st.booleans(), st.booleans(), st.integers(0, 9)),
    max_size=25,
)  # fmt: skip


@limits(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_any_steps_end_where_a_recount_ends(
    archive: Database, steps: list[tuple[str, int, float, int, bool, bool, int]]
):
    with archive.session(write=True) as session:
        session.execute(delete(ReadingRow))
        session.execute(delete(HourRow))
        known: list[ReadingRow] = []
        for entity, hour, score, relevance, echo, enough, pick in steps:
            document = captured(session, "Ash", NOON + timedelta(hours=hour, minutes=7))
            document.echo = echo
            fresh = reading(document, entity, score, relevance=relevance, enough=enough)
            gone = [known.pop(pick % len(known))] if known and pick > 5 else []
            for row in gone:
                row.until = NOON
            session.add(fresh)
            session.flush()
            apply(session, [fresh], gone)
            known.append(fresh)
    counted = sums(archive)
    with archive.session(write=True) as session:
        recount(session)
    assert sums(archive) == counted


def test_a_recount_of_one_company_leaves_the_others(archive: Database):
    with archive.session(write=True) as session:
        document = captured(session, "Ash and Birch")
        rows = [reading(document, "ash", 0.5), reading(document, "birch", 0.5)]
        session.add_all(rows)
        session.flush()
        apply(session, rows, [])
        apply(session, rows, [])  # twice: wrong, as after a fault
        recount(session, "ash")
    assert {key: values[0] for key, values in sums(archive).items()} == {("ash", 0): 1, ("birch", 0): 2}
