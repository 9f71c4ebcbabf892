"""Confidence: the same for search and ask, of each knowledge base its own, kept where every process reads it."""

import json
from math import log

import pytest

from apps.customer_service.commands.measuring import _report_lines
from apps.customer_service.pipeline import asking
from apps.customer_service.pipeline.calibrating import GROWN, adapt, ask_strangers, calibrate, keep
from apps.customer_service.pipeline.confidence import (
    FEATURES,
    MOVED,
    NO_GAPS,
    OF_GAPS,
    STRANGERS,
    SUBJECTS,
    Calibration,
    Evidence,
    Logistic,
    calibration_of,
    read_calibration,
    shipped,
)
from apps.customer_service.pipeline.evaluation import LabelledQuestion, evaluate, read_questions
from apps.customer_service.pipeline.knowledge import import_rows
from apps.customer_service.schemas.asking import AskQuery, SearchQuery, Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.errors import Invalid
from core.retrieval.collections import Collection

ROWS = [
    {"id": "fee", "question": "What does a new card cost?", "answer": "A new card costs £5."},
    {"id": "pin", "question": "Where do I see my PIN?", "answer": "The app shows your PIN."},
]
PLACES = [
    {"id": f"{n}-{what}", "entity": place, "question": question, "answer": f"{answer} at {place}."}
    for n, place in enumerate(["Golden Otter Hotel", "Quay Cafe", "Tram Museum"])
    for what, question, answer in (
        ("dogs", "Can I bring my dog?", "Dogs are welcome"),
        ("park", "Is there parking?", "There is parking"),
    )
]


def certain(answered: float) -> Calibration:
    """A calibration that is always this sure."""
    always = Logistic({}, log(answered / (1 - answered)))
    return Calibration(always, always, refuse_below=0.5, answer_above=0.5, questions=0)


@pytest.fixture
def desk(services: Services) -> Collection:
    collection = services.collections.ensure("support")
    import_rows(ROWS, collection)
    return collection


def asked(desk: Collection) -> tuple[str, float]:
    found = asking.ask(AskQuery(question="new card cost"), desk, SupportSettings())
    return found.action, found.confidence


def searched(desk: Collection) -> tuple[str, float]:
    found = asking.search(SearchQuery(query="new card cost", k=1), desk, SupportSettings())
    return found.action, found.confidence


def test_search_says_what_ask_would_do(desk: Collection):
    assert asked(desk)[0] == searched(desk)[0]
    keep(desk, certain(0.25))
    assert asked(desk) == searched(desk) == ("handoff", 0.25)


def test_a_kept_calibration_holds_until_it_is_forgotten(desk: Collection):
    before = asked(desk)
    keep(desk, certain(0.9))
    assert asked(desk) == ("answer", 0.9)
    keep(desk, None)
    assert asked(desk) == before


def test_a_calibration_is_of_one_collection_only(desk: Collection, services: Services):
    other = services.collections.ensure("other")
    import_rows(ROWS, other)
    keep(desk, certain(0.9))
    assert asked(other) != ("answer", 0.9)


def test_a_calibration_reads_back_as_it_was_written():
    fitted = Calibration(
        Logistic({"closest": 2.0}, -1.0, (0.5,)), Logistic({}, 0.0), 0.4, 0.5, 9, {"closest": 0.3}, "e"
    )
    assert read_calibration(fitted.to_json()) == fitted


def test_weights_of_another_model_are_left_alone(desk: Collection):
    before = asked(desk)
    sure = certain(0.9)
    keep(desk, Calibration(sure.answered, sure.right, 0.5, 0.5, 0, {}, encoder="another model"))
    assert asked(desk) == before


def test_a_base_that_is_near_to_everything_is_believed_less():
    plain = Calibration(Logistic({"closest": 4.0}, -2.0), Logistic({}, 0.0), 0.5, 0.5, 0, {"closest": 0.2})
    moved = plain.moved({"closest": 0.45})
    assert moved.answered.bias == pytest.approx(-3.0)


def test_a_small_base_in_which_little_is_near_is_not_believed_more():
    plain = Calibration(Logistic({"closest": 4.0}, -2.0), Logistic({}, 0.0), 0.5, 0.5, 0, {"closest": 0.2})
    assert plain.moved({"closest": 0.05}).answered.bias == -2.0


def test_strangers_are_asked_after_an_import_and_again_when_the_base_has_grown(desk: Collection):
    adapt(desk)
    note = json.loads(desk.notes()[STRANGERS])
    assert note == {"documents": 2, "encoder": desk.home.encoder.fingerprint, "medians": ask_strangers(desk)}
    assert calibration_of(desk) == shipped(NO_GAPS).moved(note["medians"])
    import_rows([{"id": f"r{n}", "text": f"row {n} about jam"} for n in range(int(3 * GROWN))], desk)
    adapt(desk)
    assert json.loads(desk.notes()[STRANGERS])["documents"] == 2 + int(3 * GROWN)


def test_another_encoder_adapts_anew_and_does_not_go_by_what_the_old_one_found(desk: Collection):
    adapt(desk)
    found = json.loads(desk.notes()[STRANGERS])
    desk.note(STRANGERS, json.dumps({**found, "encoder": "another model", "medians": dict.fromkeys(MOVED, 0.9)}))
    assert calibration_of(desk) == shipped(NO_GAPS)
    adapt(desk)
    assert json.loads(desk.notes()[STRANGERS]) == found


def test_an_empty_base_has_nothing_to_adapt(services: Services):
    empty = services.collections.ensure("empty")
    adapt(empty)
    assert empty.notes() == {}


def test_the_shipped_calibrations_weigh_the_evidence_that_there_is(desk: Collection):
    assert set(shipped().answered.weights) == set(FEATURES)
    spoken = shipped(SUBJECTS)
    assert set(spoken.answered.weights) <= set(Evidence(desk.search("card")).features())
    assert len(spoken.answered.turn) == 384


def test_where_no_gaps_are_listed_finding_none_says_nothing(desk: Collection):
    assert not set(calibration_of(desk).answered.weights) & set(OF_GAPS)
    import_rows([{"id": "gap", "question": "Do you sell hats?", "answer": None}], desk)
    assert set(calibration_of(desk).answered.weights) == set(FEATURES)


def test_fitting_tells_questions_that_are_answered_from_others(desk: Collection):
    questions = [LabelledQuestion(str(n), "What does a new card cost?", "plain", frozenset({"fee"})) for n in range(20)]
    questions += [LabelledQuestion(str(n), "zzz qqq", "unanswerable", frozenset()) for n in range(20, 40)]
    keep(desk, calibrate(questions, desk))
    sure = [
        asking.ask(AskQuery(question=text), desk, SupportSettings()).confidence
        for text in ("What does a new card cost?", "zzz qqq")
    ]
    assert sure[0] > 0.8 > 0.2 > sure[1]


def test_both_confidences_are_measured_against_what_each_says(desk: Collection):
    often, seldom = (Logistic({}, log(p / (1 - p))) for p in (0.9, 0.6))
    keep(desk, Calibration(often, seldom, refuse_below=0.5, answer_above=0.5, questions=0))
    questions = [
        LabelledQuestion("1", "What does a new card cost?", "plain", frozenset({"fee"})),
        LabelledQuestion("2", "Where do I see my PIN?", "plain", frozenset({"pin"})),
    ]
    report = evaluate(questions, desk)
    assert (report["calibration_error_of_search"], report["calibration_error_of_ask"]) == (0.1, 0.4)
    printed = [line.split()[-1] for line in _report_lines(report) if line.startswith("calibration error")]
    assert printed == ["0.100", "0.400"]


def test_too_few_labels_are_refused(desk: Collection):
    with pytest.raises(Invalid, match="20 answerable and 20 unanswerable"):
        calibrate([LabelledQuestion("1", "card", "plain", frozenset({"fee"}))], desk)


def test_the_last_turn_is_the_question_of_a_row_without_one():
    [question] = read_questions(
        [{"turns": [{"role": "user", "text": "hi"}, {"role": "user", "text": "dogs?"}], "documents": []}]
    )
    assert (question.text, [turn.text for turn in question.turns]) == ("dogs?", ["hi"])


def test_the_entry_of_the_place_that_was_named_comes_first(services: Services):
    places = services.collections.ensure("places")
    import_rows(PLACES, places)
    talk = [
        Turn(role="agent", text="how about the golden otters hotel"),
        Turn(role="user", text="rather something to eat"),
        Turn(role="agent", text="there is the quay cafe on the pier"),
        Turn(role="user", text="sounds good"),
    ]
    assert asking.weigh(places, "can i bring my dog there", talk).hits[0].document == "1-dogs"
    assert asking.weigh(places, "and is there parking", talk[:1]).hits[0].document == "0-park"
