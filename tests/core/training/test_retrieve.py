"""Contrastive training on pairs, with a backbone of two layers: what it learns, and from what."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.classifier import backbone_of
from core.backend.models import open_registry
from core.backend.serving import opened_classifier
from core.backend.tokens import Tokens
from core.errors import TriviumError
from core.settings import Settings
from core.training import loop
from core.training.backbone import PooledBackbone
from core.training.command import Order, run
from core.training.pairs import Pair, read_pairs
from core.training.recipe import Recipe
from core.training.retrieve import Retrieve, fit_retriever, mine, numbered
from tests.core.training.tiny import PulledPlug, questions, registered, stop_at, written

QUICK = Recipe(epochs=8, batch=16, learning_rate=3e-3)
CHOSEN = {"epochs": 8, "batch": 16, "learning_rate": 3e-3}


def quiet(*_: object) -> None:
    """Shows nothing."""


def order(data: Path, **changed: object) -> Order:
    return Order(**{"task": "retrieval", "data": [data], "name": "finder", "chosen": CHOSEN, **changed})  # type: ignore[arg-type]


def test_training_finds_what_the_backbone_did_not(tiny: Settings, tmp_path: Path):
    report = run(
        order(written(tmp_path / "pairs.jsonl", questions()), chosen={**CHOSEN, "epochs": 12}), tiny, quiet, quiet
    )
    figures = report["metrics"]
    assert list(figures)[:4] == ["hit_at_1", "recall_at_10", "mrr", "ndcg_at_10"]
    assert figures["hit_at_1"]["value"] > 0.7
    assert figures["hit_at_1_of_the_backbone"]["value"] < 0.4
    card = open_registry(tiny).get("finder").card
    assert (card.objective, card.labels, card.main_metric()[0]) == ("retrieve", [], "hit_at_1")  # type: ignore[index]
    assert card.metrics["hit_at_1"].value == pytest.approx(figures["hit_at_1"]["value"], abs=1e-4)
    assert "among 8 passages" in card.notes


def test_what_is_exported_is_an_encoder_for_everybody(tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run(order(written(tmp_path / "pairs.jsonl", questions(40))), tiny, quiet, quiet)
    out = open_registry(tiny).export("finder", tmp_path / "out") / "encoder"
    opened = open_checkpoint(tiny.model_copy(update={"model": str(out)}))
    assert (opened.dim, opened.pooling, opened.max_tokens) == (32, "mean", 32)
    assert opened.fingerprint != open_checkpoint(tiny).fingerprint

    from transformers import AutoModel

    model = AutoModel.from_pretrained(out)
    assert model.config.hidden_size == 32
    ours = load_file(out / "model.safetensors")
    theirs = model.state_dict()
    assert all(torch.equal(theirs[name], value) for name, value in ours.items())
    assert {"modules.json", "1_Pooling", "tokenizer.json"} <= {path.name for path in out.iterdir()}


def test_sentence_transformers_open_it_and_give_the_same_vectors(tiny: Settings, tmp_path: Path):
    sentence_transformers = pytest.importorskip("sentence_transformers")
    run(order(written(tmp_path / "pairs.jsonl", questions(40))), tiny, quiet, quiet)
    out = open_registry(tiny).export("finder", tmp_path / "out") / "encoder"
    theirs = sentence_transformers.SentenceTransformer(str(out), device="cpu").encode(["lost card0", "late"])
    opened = open_checkpoint(tiny.model_copy(update={"model": str(out)}))
    ours = vectors_of(PooledBackbone(opened, Recipe()).eval(), Tokens(opened)(["lost card0", "late"]))
    assert torch.allclose(torch.tensor(theirs), ours, atol=0.02)  # bf16 here, f32 there


def test_a_version_without_labels_says_what_it_is_for(tiny: Settings, tmp_path: Path):
    run(order(written(tmp_path / "pairs.jsonl", questions(40))), tiny, quiet, quiet)
    with pytest.raises(TriviumError) as error, opened_classifier("finder", tiny):
        pass
    assert str(error.value) == (
        "Model finder@1 gives no labels: use it as an encoder (`trivium models export finder@1 DIR`, then "
        "TRIVIUM_MODEL=DIR/encoder), or name another model."
    )


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_run_that_was_stopped_ends_at_the_same_weights(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    pairs = read_pairs([written(tmp_path / "pairs.jsonl", questions(80))])
    recipe = QUICK.model_copy(update={"method": method, "epochs": 6})
    at_once = fit_retriever(pairs, None, checkpoint, recipe, tmp_path / "a")
    with pytest.raises(PulledPlug):
        fit_retriever(pairs, None, checkpoint, recipe, tmp_path / "b", stop_at(7))
    steps: list[int] = []
    stopped = fit_retriever(
        pairs, None, checkpoint, recipe, tmp_path / "b", lambda _, progress: steps.append(progress.step)
    )
    assert steps[0] > 6, "it went on where it was"
    ours, theirs = at_once.network.trained(), stopped.network.trained()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_an_adapter_is_published_where_lora_was_chosen(tiny: Settings, tmp_path: Path):
    data = written(tmp_path / "pairs.jsonl", questions(40))
    run(order(data, chosen={**CHOSEN, "method": "lora", "epochs": 1}), tiny, quiet, quiet)
    version = open_registry(tiny).get("finder")
    files = version.manifest.files
    assert "adapter/adapter_model.safetensors" in files
    assert not any(name.startswith(("encoder/", "head")) for name in files)
    about = json.loads((version.path / "adapter" / "adapter_config.json").read_text())
    assert about["base_model_name_or_path"] == version.card.base.name, "no folder of this machine is published"
    opened = backbone_of(version, open_checkpoint(tiny), tiny.home)
    assert opened.fingerprint != open_checkpoint(tiny).fingerprint


def test_what_answers_a_query_is_never_held_against_it(checkpoint: Checkpoint):
    rows = [
        Pair("lost card0", "card2 call us"),
        Pair("late card1", "card2 call us"),  # another query of the same passage
        Pair("lost card0", "please card3"),  # another passage of the same query
    ]
    recipe = Recipe(dropout=0)
    network = PooledBackbone(checkpoint, recipe).eval()
    data = numbered(rows, Tokens(checkpoint), recipe)
    lesson = Retrieve(network, data, data.negatives, recipe)
    assert float(lesson.loss([0, 1]).detach()) == pytest.approx(0, abs=1e-6)
    assert float(lesson.loss([0, 2]).detach()) == pytest.approx(0, abs=1e-6)
    assert float(lesson.loss([1, 2]).detach()) > 0.01


def test_given_negatives_are_held_against_the_query(checkpoint: Checkpoint):
    recipe = Recipe(dropout=0)
    network = PooledBackbone(checkpoint, recipe).eval()
    data = numbered([Pair("lost card0", "call us", ("eat soup1",))], Tokens(checkpoint), recipe)
    without = Retrieve(network, data, [[]], recipe).loss([0])
    assert float(without.detach()) == pytest.approx(0, abs=1e-6)
    assert float(Retrieve(network, data, data.negatives, recipe).loss([0]).detach()) > 0.01


def test_mined_negatives_are_near_but_neither_right_nor_too_near(checkpoint: Checkpoint):
    rows = [Pair(str(row["query"]), str(row["passage"])) for row in questions(24)]
    rows.append(Pair(rows[0].query, "please soup2", ("late shoe0",)))
    recipe = Recipe()
    network = PooledBackbone(checkpoint, recipe).eval()
    data = numbered(rows, Tokens(checkpoint), recipe)
    asked, found = vectors_of(network, data.queries), vectors_of(network, data.passages)
    mined = mine(network, data, wanted=2, margin=0.01)
    assert len(mined) == len(rows)
    assert mined[-1][0] == data.negatives[-1][0], "those given come first"
    for (query, right), negatives, given in zip(data.pairs, mined, data.negatives, strict=True):
        new = negatives[len(given) :]
        assert len(new) <= 2
        assert not data.good[query] & set(new)
        assert all(asked[query] @ found[at] <= asked[query] @ found[right] - 0.01 + 1e-6 for at in new)
    assert any(mined[:-1])


def vectors_of(network: PooledBackbone, rows: list[list[int]]) -> torch.Tensor:
    """Each text by itself, without padding."""
    with torch.no_grad():
        return torch.cat([network.encode(torch.tensor([row]), torch.ones(1, len(row)).long()) for row in rows])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"few_shot": True}, "--few-shot is for tasks of labels, and retrieval is none: leave it out."),
        ({"chosen": {"method": "head"}}, "--method head is for tasks of labels, and retrieval is none: leave it out."),
        ({"chosen": {"adversarial": "fgm"}}, "--adversarial is for tasks of labels, and retrieval is none"),
        ({"chosen": {"method": "magic"}}, "Method 'magic' does not fit"),
    ],
)
def test_what_has_no_meaning_here_is_refused(tiny: Settings, tmp_path: Path, changed: dict[str, object], sentence: str):
    with pytest.raises(TriviumError) as error:
        run(order(written(tmp_path / "pairs.jsonl", questions(40)), **changed), tiny, quiet, quiet)
    assert sentence in str(error.value)


def test_data_that_changed_meanwhile_is_not_published(tiny: Settings, tmp_path: Path):
    data = written(tmp_path / "pairs.jsonl", questions(40))

    def show(*_: object) -> None:
        data.write_text(json.dumps({"query": "other", "passage": "words"}))

    with pytest.raises(TriviumError, match=r"Pairs\.jsonl changed while it was trained on"):
        run(order(data), tiny, quiet, show)
    assert registered(tiny) == []
