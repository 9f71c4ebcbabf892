"""What conversations teach about finding, on SQLite and PostgreSQL; and a training on it with real weights."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from apps.customer_service.app import app
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.pipeline.learning import FEWEST, Lessons, TooFewLessons, gather
from apps.customer_service.store import feedback
from apps.customer_service.store.conversations import Conversations, NewEntry
from apps.customer_service.store.drafts import DraftRow, Drafts
from apps.customer_service.store.proposals import Proposals
from core.app import Services
from core.cli import build_cli
from core.database import Database
from core.migrations import upgrade
from core.services import close_services, open_services
from core.settings import Settings
from core.testing.fakes import FixedClock, LetterEncoder

ROWS: list[dict[str, Any]] = [
    {"id": "fee", "question": "Card cost?", "answer": "A new card costs £5."},
    {"id": "pin", "question": "PIN?", "answer": "The app shows your PIN."},
    {"id": "gone", "question": "Old?", "answer": "An old page."},
    {"id": "gap", "question": "Unknown?", "answer": None},
]


@pytest.fixture
def desk(settings: Settings, database_url: str, clock: FixedClock) -> Iterator[Services]:
    services = open_services(
        settings.model_copy(update={"database_url": database_url}), encoder=LetterEncoder(), clock=clock
    )
    upgrade(services.database, [app])
    import_rows(ROWS, services.collections.ensure("support"))
    yield services
    close_services(services)


def chat(desk: Services, *said: tuple[str, dict[str, Any]], thumb: str = "", channel: str = "web") -> None:
    """said: text and data in turn of customer and desk; the thumb is for the last entry"""
    conversations = Conversations(desk.database, desk.clock)
    made = conversations.begin(customer="", collection="support", channel=channel, language="en", meta={})
    with conversations.change(made) as change:
        for at, (text, data) in enumerate(said):
            role, replies = ("bot", {"replies_to": [at]}) if at % 2 else ("customer", {})
            entry = change.append(NewEntry("message", role, text, data=data | replies))
        change.session.flush()
        if thumb:
            feedback.give(change.session, made, entry.number, thumb, None, change.now)


def answered(document: str) -> dict[str, Any]:
    return {"action": "answer", "citations": [{"document": document, "passage": document}]}


def learned(desk: Services, **more: Any) -> set[tuple[str, str, str]]:
    found = gather(desk.database, desk.collections.get("support"), **more)
    return {(one.question, one.passage, one.origin) for one in (*found.learned, *found.measured)}


FEE, PIN = "A new card costs £5.", "The app shows your PIN."


def test_thumbs_up_choices_and_published_wordings_teach_and_the_rest_does_not(desk: Services):
    chat(desk, ("how much", {}), ("£5", answered("fee")), thumb="up")
    chat(desk, ("how little", {}), ("£5", answered("fee")))
    chat(desk, ("bad", {}), ("£5", answered("fee")), thumb="down")
    chat(desk, ("test", {}), ("£5", answered("fee")), thumb="up", channel="preview")
    chat(desk, ("it", {}), ("Which?", {"action": "clarify"}), ("2", {}), ("PIN", answered("pin") | {"chosen": "pin"}))
    proposals = Proposals(desk.database, desk.clock)
    row = proposals.add("support", question="dogs", variants=["pets"], answer="Yes.", sources=[], entry=None)
    with proposals.change(row.id) as held:
        held.state, held.published, held.published_at = "published", held.content(), desk.clock()
    import_rows([{"id": row.id, "question": "dogs", "answer": "Yes."}], desk.collections.get("support"))
    assert learned(desk) == {
        ("how much", FEE, "thumb_up"),
        ("it", PIN, "chosen"),
        ("dogs", "Yes.", "published"),
        ("pets", "Yes.", "published"),
    }


def test_what_was_said_before_the_day_is_left_out(desk: Services, clock: FixedClock):
    chat(desk, ("early", {}), ("£5", answered("fee")), thumb="up")
    clock.advance(days=1)
    noon = clock()
    chat(desk, ("late", {}), ("£5", answered("fee")), thumb="up")
    assert learned(desk, since=noon) == {("late", FEE, "thumb_up")}


def test_passages_that_are_gone_are_counted_and_personal_data_is_masked(desk: Services):
    chat(desk, ("I am ann@example.org, what cost", {}), ("£5", answered("fee")), thumb="up")
    chat(desk, ("old one", {}), ("old", answered("gone")), thumb="up")
    desk.collections.get("support").remove(["gone"])
    found = gather(desk.database, desk.collections.get("support"))
    assert found.gone == 1
    assert [one.question for one in (*found.learned, *found.measured)] == ["I am [EMAIL], what cost"]
    assert set(found.others) == {FEE, PIN}


def test_drafts_teach_unless_the_agent_wrote_something_else(desk: Services):
    conversations, drafts = Conversations(desk.database, desk.clock), Drafts(desk.database, desk.clock)
    made = conversations.begin(customer="", collection="support", channel="web", language="en", meta={})

    def sent(question: str, document: str, distance: float | None) -> None:
        kept = drafts.keep(
            made,
            1,
            "ada",
            question=question,
            action="answer",
            confidence=0.9,
            text="£5.",
            citations=[{"document": document, "passage": document}] if document else [],
        )
        with desk.database.session(write=True) as session:
            row = session.get_one(DraftRow, kept.id)
            row.distance, row.sent_at = distance, desk.clock() if distance is not None else None

    sent("accepted", "fee", 0.0)
    sent("polished", "pin", 0.3)
    sent("thrown away", "pin", 0.9)
    sent("empty", "", 1.0)
    sent("never sent", "pin", None)
    assert learned(desk) == {("accepted", FEE, "draft"), ("polished", PIN, "draft")}


def test_no_question_is_both_learned_and_measured_and_the_parting_never_changes(desk: Services):
    for at in range(60):
        chat(desk, (f"question {at}", {}), ("£5", answered("fee" if at % 2 else "pin")), thumb="up")
    first = gather(desk.database, desk.collections.get("support"))
    first.check()
    assert len(first.learned) + len(first.measured) == 60
    assert 6 <= len(first.measured) <= 25
    for at in range(60, 80):
        chat(desk, (f"question {at}", {}), ("£5", answered("fee")), thumb="up")
    later = gather(desk.database, desk.collections.get("support"))
    assert {one.question for one in first.measured} <= {one.question for one in later.measured}
    assert not {one.question for one in later.learned} & {one.question for one in later.measured}
    rows = later.rows_to_measure()
    own = {row["passage"] for row in rows if row["query"] == rows[0]["query"]}
    assert set(later.others) - own == set(rows[0]["negatives"])  # type: ignore[call-overload]


def test_too_few_lessons_are_said_in_one_sentence():
    with pytest.raises(TooFewLessons, match=f"There are 0 different questions .* needs {FEWEST}"):
        Lessons((), (), {}, 0, ()).check()


@pytest.mark.integration
def test_improve_trains_compares_and_promotes_nothing(warm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from core.backend.models import open_registry
    from core.clock import system_clock
    from core.settings import read_settings

    monkeypatch.setenv("TRIVIUM_HOME", str(warm_home))
    monkeypatch.setenv("TRIVIUM_DATABASE_URL", f"sqlite:///{tmp_path / 'improve.db'}")
    run = CliRunner().invoke
    things = ["card", "parcel", "shoe", "refund", "password", "voucher", "sofa", "lamp", "invoice", "phone"]
    rows = [{"id": thing, "question": f"The {thing}?", "answer": f"All about your {thing}."} for thing in things]
    services = open_services(read_settings(), encoder=None)
    upgrade(services.database, [app])
    import_rows(rows, services.collections.ensure("support"))
    close_services(services)
    cli = build_cli()[0]
    refused = run(cli, ["support", "improve"])
    assert refused.exit_code == 1
    database = Database(read_settings().database)
    proposals = Proposals(database, system_clock)
    for thing in things:
        variants = [f"{words} {thing}" for words in ("where is my", "I lost a", "tell me of the", "broken", "my new")]
        row = proposals.add("support", question=f"my {thing}", variants=variants, answer="x", sources=[], entry=None)
        with proposals.change(row.id) as held:
            held.id, held.state, held.published, held.published_at = thing, "published", held.content(), system_clock()
    database.close()
    done = run(cli, ["support", "improve", "--name", "search-test", "--epochs", "1", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["lessons"] == {"thumb_up": 0, "chosen": 0, "published": 60, "draft": 0}
    assert told["learned"] + told["measured"] == 60
    assert told["passages"] == len(things)
    [first] = told["comparisons"]
    assert 0 < first["mrr"]["candidate"] <= 1
    assert told["promote"] in {None, f"trivium models promote {told['model']}"}
    again = json.loads(run(cli, ["support", "improve", "--name", "search-test", "--epochs", "1", "--json"]).stdout)
    assert [one["with"] for one in again["comparisons"]] == ["search-test@1", first["with"]]
    assert open_registry(read_settings()).active("search-test").ref == "search-test@1"
    assert not list(warm_home.glob("improve-*"))
