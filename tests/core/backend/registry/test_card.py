"""The card: what it refuses, what it hides, and that Hugging Face can read it."""

import pytest
from huggingface_hub import ModelCard
from pydantic import ValidationError

from core.backend.registry import Card, Metric
from tests.core.backend.registry.samples import card


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("trivium train mood --data=/home/ada/a.csv", "trivium train mood --data=a.csv"),
        ("trivium train '/srv/my data/a b.csv' --out ./x/", "trivium train 'a b.csv' --out x"),
        (r"trivium train --data 'C:\Users\ada\a.csv'", "trivium train --data a.csv"),
        ("trivium train --data /a/x.csv,/b/y.csv", "trivium train --data x.csv,y.csv"),
        ("trivium train 'open /home/ada/a.csv", "trivium train ''\"'\"'open' a.csv"),
    ],
)
def test_a_command_keeps_its_words_but_no_folders(typed: str, kept: str):
    assert card(command=typed).command == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "ada-laptop"},
        {"trained_at": "2026-01-01T12:00:00"},
        {"metrics": {"f1": {"value": float("nan"), "low": 0, "high": 1, "n": 1}}},
        {"metrics": {"f1": {"value": 0.5, "low": 0.6, "high": 0.4, "n": 1}}},
        {"recipe": {"optimizer": object()}},
        {"name": "../mood"},
        {"seconds": -1},
    ],
)
def test_a_card_that_does_not_fit_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        card(**wrong)


def test_a_card_comes_back_from_json_as_it_was():
    made = card(metrics={"b": Metric(value=1, low=1, high=1, n=3), "a": Metric(value=0, low=0, high=0, n=3)})
    again = Card.model_validate_json(made.model_dump_json())
    assert again == made
    assert again.main_metric() == ("b", Metric(value=1, low=1, high=1, n=3))


def test_hugging_face_reads_the_front_matter():
    data = ModelCard(card(name="mood", version=3).to_markdown()).data
    assert (data.license, data.base_model) == ("cc-by-4.0", "sentence-transformers/all-MiniLM-L6-v2")
    assert (data.pipeline_tag, data.library_name, data.tags) == ("text-classification", "trivium", ["trivium", "mood"])
    result = data.eval_results[0]
    assert (data.model_name, result.metric_type, result.metric_value) == ("mood", "macro_f1", 0.81234)
    assert result.dataset_name == "headlines.csv"


def test_what_the_hub_has_no_word_for_is_filed_under_its_own_task():
    made = card(name="shop", task="recommend", objective="recommend", labels=[], method="a causal Transformer")
    data = ModelCard(made.to_markdown()).data
    assert (data.pipeline_tag, data.tags) == (None, ["trivium", "recommend"])
    assert data.eval_results[0].task_type == "recommend"
    assert "Task: recommend. Made by: a causal Transformer. Texts are read by all-minilm-l6-v2" in made.to_markdown()


def test_an_encoder_is_filed_under_likeness_of_sentences():
    made = card(task="search", objective="retrieve", labels=[])
    assert ModelCard(made.to_markdown()).data.pipeline_tag == "sentence-similarity"


def test_the_page_says_how_good_it_is_and_how_it_was_made():
    page = card(name="mood", version=3).to_markdown()
    assert "# mood, version 3" in page
    assert "| macro_f1 | 0.8123 | 0.78 to 0.84 | 500 |" in page
    assert "| trained | 2026-01-01 12:00 UTC, 93 s |" in page
    assert "/home/ada" not in page


def test_no_text_breaks_out_of_its_place():
    odd = 'a"\n---\nlicense: mit | b \x85\x7f é😀'
    made = card(task=odd, licence=odd, labels=[], metrics={odd: Metric(value=1, low=1, high=1, n=1)}, data=[])
    data = ModelCard(made.to_markdown()).data
    assert data.license == "other"
    assert data.tags == ["trivium", odd]
    assert data.eval_results[0].metric_name == odd
    assert "license: mit \\| b" in made.to_markdown()
