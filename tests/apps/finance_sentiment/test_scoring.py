"""Moods of texts: of the text, towards a given name, towards each company that is found."""

import json
from pathlib import Path

import pytest

from apps.finance_sentiment.errors import GivesNoMoods
from apps.finance_sentiment.pipeline.evidence import WHOLE
from apps.finance_sentiment.pipeline.mood import Mood, MoodReader
from apps.finance_sentiment.pipeline.score_files import score_file
from apps.finance_sentiment.schemas.score import Asked
from core.rows import BadRow
from tests.apps.finance_sentiment.conftest import Desk
from tests.apps.finance_sentiment.word_moods import WordClassifier, word_moods


def test_without_an_entity_the_text_and_each_company_in_it_are_read(desk: Desk):
    [scored] = desk.scorer.score([Asked(text="Acme falls while Bolt Motors waits")]).items
    assert (scored.label, scored.enough) == ("negative", True)
    assert scored.entities is not None
    assert [(one.entity, one.name, one.start, one.end) for one in scored.entities] == [
        ("acme", "Acme", 0, 4),
        ("bolt", "Bolt Motors", 17, 28),
    ]


def test_with_an_entity_only_the_mood_towards_it_is_read(desk: Desk):
    [scored] = desk.scorer.score([Asked(text="Zed rises", entity="Zed")]).items
    assert (scored.label, scored.entities) == ("positive", None)
    assert [(row.text, row.entity) for row in desk.classifier.read] == [("Zed rises", "Zed")]


def test_probabilities_sum_to_one_and_the_score_is_their_difference(desk: Desk):
    [scored] = desk.scorer.score([Asked(text="Acme falls")]).items
    assert sum(scored.probabilities.values()) == pytest.approx(1)
    assert scored.score == pytest.approx(scored.probabilities["positive"] - scored.probabilities["negative"])
    assert scored.confidence == max(scored.probabilities.values())


def test_a_name_that_is_not_in_the_text_leaves_the_text_to_itself(desk: Desk):
    [scored] = desk.scorer.score([Asked(text="Sales rises everywhere", entity="Acme")]).items
    assert scored.label == "positive"


def test_of_a_long_article_the_sentences_about_the_entity_are_read_alone(desk: Desk):
    text = "A day on the market\n" + "Nothing happened elsewhere today. " * 20 + "Acme falls. Others rises."
    assert len(text) > WHOLE
    [scored] = desk.scorer.score([Asked(text=text, entity="Acme")]).items
    assert scored.label == "negative"
    assert [row.text for row in desk.classifier.read] == ["Acme falls."]


def test_the_same_rows_come_back_in_order_with_their_moods(desk: Desk, tmp_path: Path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"text": "Acme falls", "id": 1},
        {"text": "Zed rises", "entity": "Zed"},
        {"text": "It waits", "entity": None},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert score_file(desk.scorer, source, target, lambda _: None) == (3, "words@1")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["label"] for line in lines] == ["negative", "positive", "neutral"]
    assert lines[0]["id"] == 1
    assert [one["entity"] for one in lines[0]["entities"]] == ["acme"]
    assert "entities" not in lines[1]
    assert lines[2]["entities"] == []


@pytest.mark.parametrize("row", ['{"text": ""}', '{"text": 7}', '{"entity": "Acme"}', "[]"])
def test_a_row_without_text_is_named_and_the_target_stays(desk: Desk, tmp_path: Path, row: str):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Acme falls"}\n' + row + "\n")
    target.write_text("before")
    with pytest.raises(BadRow, match=r"Line 2 of in\.jsonl"):
        score_file(desk.scorer, source, target, lambda _: None)
    assert target.read_text() == "before"
    assert sorted(path.name for path in tmp_path.glob("*.jsonl*")) == ["in.jsonl", "out.jsonl"]


def test_a_model_of_other_labels_is_refused_with_what_to_do(desk: Desk):
    class Intents(WordClassifier):
        head = type("Head", (), {"about": type("About", (), {"labels": ("lost card", "fee")})})

    reader: MoodReader = word_moods(Intents())
    with pytest.raises(GivesNoMoods, match="lost card"):
        reader.read([])


def test_equal_chances_are_called_neutral():
    assert Mood(0.4, 0.4, 0.2).label == "neutral"
    assert Mood(0.5, 0.0, 0.5).label == "negative"
