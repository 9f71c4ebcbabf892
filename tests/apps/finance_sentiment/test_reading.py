"""From captured documents to readings and hours: each counted once, whatever happens on the way."""

import threading
from collections.abc import Callable

import pytest

from apps.finance_sentiment.pipeline import hours, reading
from tests.apps.finance_sentiment.conftest import Desk


def test_a_headline_is_read_towards_each_company_that_it_names(desk: Desk):
    desk.capture("Acme falls")
    done = desk.reader.read_waiting()
    assert (done.documents, done.readings, done.touched) == (1, 1, {"acme"})
    [row] = desk.readings()
    assert (row.entity_id, round(row.score, 2), row.enough, row.sentence) == ("acme", -0.88, True, "Acme falls")
    assert "Acme falls"[row.start : row.end] == "Acme"


def test_what_names_nobody_is_read_once_and_leaves_no_reading(desk: Desk):
    desk.capture("The weather was fine all over the country")
    assert desk.reader.read_waiting().documents == 1
    assert desk.reader.read_waiting().documents == 0
    assert desk.readings() == []


def test_an_hour_adds_up_first_tellings_and_counts_echoes_apart(desk: Desk):
    for source in ("wire", "paper"):
        desk.capture("Acme falls after recall of many cars", source=source)
    desk.capture("Bolt Motors rises")
    desk.reader.read_waiting()
    found = {entity: (row.volume, row.echoes, row.negative, row.positive) for (entity, _), row in desk.hours().items()}
    assert found == {"acme": (1, 1, 1, 0), "bolt": (1, 0, 0, 1)}


def test_too_little_evidence_is_no_neutral_mood(desk: Desk):
    desk.capture("Acme", "Acme maybe does this or that")
    desk.reader.read_waiting()
    assert [row.enough for row in desk.readings()] == [False, False]
    [hour] = desk.hours().values()
    assert (hour.volume, hour.weight, hour.neutral) == (2, 0, 0)


def test_in_an_article_the_sentence_that_names_the_company_decides(desk: Desk):
    filler = "Nothing of interest was said about anybody else in the market today. " * 8
    desk.capture(
        "A day on the market", text=f"{filler}Then Bolt Motors falls by a third. {filler}Bolt Motors makes cars."
    )
    desk.reader.read_waiting()
    [row] = desk.readings()
    assert row.sentence == "Then Bolt Motors falls by a third."
    assert row.score < -0.5


def test_a_reader_that_is_killed_in_the_middle_leaves_nothing_half_done(
    open_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
):
    desk = open_desk()
    desk.capture("Acme falls", "Bolt Motors rises")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as within:
        within.setattr(hours, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.reader.read_waiting()
    assert (desk.readings(), desk.hours()) == ([], {})
    again = open_desk()
    assert again.reader.read_waiting().documents == 2
    assert sum(row.volume for row in again.hours().values()) == 2


def test_two_readers_at_once_count_each_document_once(open_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "BATCH", 7)
    desks = [open_desk(), open_desk()]
    desks[0].capture(*(f"Acme falls for reason number {n}" for n in range(60)))
    threads = [threading.Thread(target=one.reader.read_waiting) for one in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    rows = desks[0].readings()
    assert len({row.document_id for row in rows}) == len(rows) == 60
    assert sum(row.volume + row.echoes for row in desks[0].hours().values()) == 60


def test_hours_are_what_readings_add_up_to(desk: Desk):
    desk.capture("Acme falls", "Bolt Motors rises", "Acme rises while Bolt Motors waits", "Acme maybe")
    desk.reader.read_waiting()
    before = _sums(desk)
    with desk.database.session(write=True) as session:
        hours.recount(session)
    assert _sums(desk) == before


def _sums(desk: Desk) -> dict[str, tuple[float, ...]]:
    return {
        entity: (row.volume, row.echoes, round(row.weight, 9), round(row.weighted, 9), round(row.squared, 9))
        for (entity, _), row in desk.hours().items()
    }
