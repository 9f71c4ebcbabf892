"""Texts that tell the same are one story, whoever reads them and however often a process starts anew."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from apps.finance_sentiment.pipeline import story_index
from apps.finance_sentiment.pipeline.stories import Stories
from apps.finance_sentiment.pipeline.story_headlines import cleaned, read_headline
from apps.finance_sentiment.store.archive_tables import DocumentRow, StoryRow
from core.database import Database
from core.errors import Misconfigured
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.archive import NOON, captured

RECALL = "Acorn recalls 40,000 heaters after house fires"


@pytest.fixture
def archive(database: Database) -> Database:
    return database


def stories(archive: Database) -> Stories:
    return Stories(archive, FixedClock())


def told(archive: Database, reader: Stories, *titles: str, hours: float = 0, source: str = "feed") -> list[DocumentRow]:
    """Capture titles, minutes apart, and give them stories in one transaction."""
    with archive.session(write=True) as session:
        rows = [
            captured(session, title, NOON + timedelta(hours=hours, minutes=at), source=source)
            for at, title in enumerate(titles)
        ]
        reader.assign(session, rows)
    return rows


def chains(archive: Database) -> list[list[int]]:
    """Ids of documents, a list for each story."""
    with archive.session() as session:
        found: dict[int, list[int]] = {}
        for row in session.scalars(
            select(DocumentRow).where(DocumentRow.story_id.is_not(None)).order_by(DocumentRow.id)
        ):
            found.setdefault(row.story_id or 0, []).append(row.id)
    return sorted(found.values())


@pytest.mark.parametrize(
    "other",
    [
        RECALL,
        "UPDATE 2-Acorn recalls 40,000 heaters after house fires",
        "Opinion | Acorn recalls 40,000 heaters after house fires - Reuters",
        "Acorn to recall 40,000 heaters after fires in houses",
    ],
)
def test_variants_of_a_headline_are_its_echo(archive: Database, other: str):
    first, second = told(archive, stories(archive), RECALL, other)
    assert (first.echo, second.echo) == (False, True)
    assert first.story_id == second.story_id


@pytest.mark.parametrize(
    "other",
    [
        "Acorn recalls 12,500 heaters after house fires",
        "Bellweather recalls 40,000 heaters after house fires",
        "Acorn opens factory in Hungary",
    ],
)
def test_other_figures_companies_and_matters_are_other_stories(archive: Database, other: str):
    first, second = told(archive, stories(archive), RECALL, other)
    assert first.story_id != second.story_id
    assert not second.echo


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acorn shares rise 3 % in early trading", "Acorn shares rise 5 % in early trading"),
        ("Acorn Q3 profit beats estimates", "Acorn Q2 profit beats estimates"),
        ("Moody's upgrades Acorn", "Moody's downgrades Acorn"),
    ],
)
def test_the_next_day_the_next_quarter_and_the_opposite_are_other_stories(archive: Database, one: str, other: str):
    first, second = told(archive, stories(archive), one, other)
    assert first.story_id != second.story_id


def test_after_the_window_the_same_words_are_a_new_story(archive: Database):
    reader = stories(archive)
    [first] = told(archive, reader, RECALL)
    [second] = told(archive, reader, RECALL, hours=71)
    [third] = told(archive, reader, RECALL, hours=71 + 73)
    assert first.story_id == second.story_id != third.story_id


def test_a_story_counts_its_documents_and_holds_its_times(archive: Database):
    reader = stories(archive)
    told(archive, reader, RECALL, f"BREAKING: {RECALL}", hours=2)
    told(archive, reader, f"{RECALL} | Company News", hours=0)  # captured late
    with archive.session() as session:
        [story] = session.scalars(select(StoryRow))
    assert (story.title, story.documents) == (RECALL, 3)
    assert (story.first_at, story.last_at) == (NOON, NOON + timedelta(hours=2, minutes=1))


def test_two_titles_that_say_nothing_are_no_copies(archive: Database):
    one, other = told(archive, stories(archive), "Market update", "Market update")
    assert one.story_id != other.story_id


def test_a_process_that_starts_anew_goes_on_like_one_that_was_there(archive: Database):
    first = stories(archive)
    titles = [RECALL, "Birch Bank names Lise Dahl chief executive", "Cedar Oil shuts well in Norway after leak"]
    told(archive, first, *titles)
    late = [f"UPDATE 1-{title}" for title in titles]
    [one] = told(archive, first, late[0], hours=1)
    [two] = told(archive, stories(archive), late[1], hours=1)
    [three] = told(archive, first, late[2], hours=1)
    assert [one.echo, two.echo, three.echo] == [True, True, True]
    assert chains(archive) == [[1, 4], [2, 5], [3, 6]]


def test_what_another_process_read_meanwhile_is_known(archive: Database):
    here, there = stories(archive), stories(archive)
    told(archive, here, "Birch Bank names Lise Dahl chief executive")
    told(archive, there, RECALL)
    [echo] = told(archive, here, f"UPDATE 1-{RECALL}", hours=1)
    assert echo.echo


def test_what_was_rolled_back_leaves_nothing_behind(archive: Database):
    reader = stories(archive)
    with archive.session(write=True) as session:
        captured(session, RECALL)

    def read_and_fail() -> None:
        with archive.session(write=True) as session:
            reader.assign(session, session.scalars(select(DocumentRow)).all())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()
    with archive.session(write=True) as session:
        [row] = session.scalars(select(DocumentRow)).all()
        reader.assign(session, [row])
        assert not row.echo
    assert chains(archive) == [[1]]


def test_a_person_who_splits_a_story_is_followed(archive: Database):
    reader = stories(archive)
    one, other = told(archive, reader, RECALL, "Acorn to recall 40,000 heaters after fires in houses")
    with archive.session(write=True) as session:
        own = StoryRow(title=other.title, first_at=NOON, last_at=NOON, documents=1)
        session.add(own)
        session.flush()
        row = session.get_one(DocumentRow, other.id)
        row.story_id, row.echo = own.id, False
    [later] = told(archive, reader, "UPDATE 1-Acorn to recall 40,000 heaters after fires in houses", hours=1)
    assert later.story_id == own.id != one.story_id


def test_what_has_a_story_keeps_it(archive: Database):
    reader = stories(archive)
    [row] = told(archive, reader, RECALL)
    with archive.session(write=True) as session:
        again = session.get_one(DocumentRow, row.id)
        reader.assign(session, [again])
        assert (again.story_id, again.echo) == (row.story_id, False)


def test_memory_has_an_end_and_copies_are_found_beyond_it(archive: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(story_index, "MOST_KEPT", 2)
    reader = stories(archive)
    told(archive, reader, RECALL, "Birch Bank names Lise Dahl chief executive", "Cedar Oil shuts well after leak")
    copy, variant = told(archive, reader, RECALL, "UPDATE 2-Cedar Oil shuts well after leak", hours=1)
    assert (copy.echo, variant.echo) == (True, True)


def test_a_window_must_be_positive(archive: Database):
    with pytest.raises(Misconfigured, match="give a positive number"):
        Stories(archive, FixedClock(), 0)


def test_labels_outlets_and_links_are_no_part_of_a_headline():
    assert cleaned("EXCLUSIVE-Acorn in talks to sell unit - sources") == "Acorn in talks to sell unit"
    assert cleaned("Acorn in talks to sell unit (NYSE:ACN) https://t.co/x") == "Acorn in talks to sell unit"
    assert cleaned("Acorn: heaters recalled in Spain") == "Acorn: heaters recalled in Spain"


def test_figures_and_periods_have_one_form():
    one, other = (
        read_headline("Acorn Q3 sales rise 3 % to $4bn"),
        read_headline("Acorn third-quarter sales up 3pc, 4 billion"),
    )
    assert one.numbers == other.numbers == {"3%", "4000000000"}
    assert one.periods == other.periods == {"q3"}
    assert one.sides == other.sides == {"+move"}
