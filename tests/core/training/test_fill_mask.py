"""Filling in hidden words, with a backbone of two layers: which words are hidden, what is learned and what is kept."""

from pathlib import Path

import pytest
import torch

from core.backend.checkpoint import Checkpoint, open_checkpoint
from core.backend.models import open_registry
from core.errors import TriviumError
from core.settings import Settings
from core.training import loop
from core.training.command import Order, run
from core.training.fill_mask import FillMask, MaskedNetwork, fit_masked
from core.training.masking import MEASURING, UNSEEN, Masking
from core.training.recipe import Recipe
from core.training.texts import read_texts
from tests.core.training.tiny import PulledPlug, sentences, stop_at, written

CHOSEN = {"epochs": 6, "batch": 16, "learning_rate": 5e-3}
QUICK = Recipe(epochs=6, batch=16, learning_rate=5e-3)


def quiet(*_: object) -> None:
    """Shows nothing."""


def lines(path: Path, texts: list[str]) -> Path:
    path.write_text("\n".join(texts) + "\n")
    return path


def order(data: Path, **changed: object) -> Order:
    return Order(**{"task": "mlm", "data": [data], "name": "reader", "chosen": CHOSEN, **changed})  # type: ignore[arg-type]


@pytest.fixture
def masking(checkpoint: Checkpoint) -> Masking:
    """Hides 15 % of the words."""
    return Masking(checkpoint, max_tokens=32, share=0.15)


def test_the_same_numbers_hide_the_same_words(masking: Masking):
    [piece] = masking.pieces(["lost card0 card1 card2 card3 please"])
    masked = masking.mask(piece, seed=7, epoch=2, example=5)
    assert masking.mask(piece, seed=7, epoch=2, example=5) == masked
    others = [
        masking.mask(piece, seed=seed, epoch=epoch, example=example)
        for seed, epoch, example in [(8, 2, 5), (7, 3, 5), (7, 2, 6), (9, MEASURING, 5)]
    ]
    assert any(other != masked for other in others)


def test_what_is_hidden_is_asked_for_and_nothing_else(masking: Masking):
    [piece] = masking.pieces(["lost card0 card1 card2 card3 please"])
    for example in range(50):
        masked = masking.mask(piece, seed=7, epoch=0, example=example)
        hidden = [at for at, target in enumerate(masked.targets) if target != UNSEEN]
        assert len(hidden) == 1
        assert hidden[0] not in (0, len(piece) - 1), "what opens and closes is never hidden"
        assert masked.targets[hidden[0]] == piece[hidden[0]]
        assert all(masked.ids[at] == piece[at] for at in range(len(piece)) if at not in hidden)


def test_of_the_hidden_words_eight_tenths_are_masks_and_one_tenth_are_others(masking: Masking):
    pieces = masking.pieces([text.rsplit(" ", 1)[0] for text in sentences(4_000)])
    shown = {"mask": 0, "other": 0, "own": 0}
    for example, piece in enumerate(pieces):
        masked = masking.mask(piece, seed=7, epoch=0, example=example)
        for at, target in enumerate(masked.targets):
            if target != UNSEEN:
                shown["mask" if masked.ids[at] == 4 else "own" if masked.ids[at] == target else "other"] += 1
    total = sum(shown.values())
    assert shown["mask"] / total == pytest.approx(0.8, abs=0.03)
    assert shown["other"] / total == pytest.approx(0.1, abs=0.02)
    assert shown["own"] / total == pytest.approx(0.1, abs=0.02)


def test_a_long_text_is_cut_into_pieces_and_loses_nothing(masking: Masking):
    words = " ".join(f"card{number % 4}" for number in range(70))
    pieces = masking.pieces([words])
    assert [len(piece) for piece in pieces] == [32, 32, 12]
    assert [piece[0] for piece in pieces] == [2, 2, 2]
    assert sum(len(piece) - 2 for piece in pieces) == 70


def test_other_words_are_hidden_in_another_epoch(checkpoint: Checkpoint, masking: Masking):
    network = MaskedNetwork(checkpoint, QUICK).eval()
    lesson = FillMask(network, masking.pieces(sentences(8)), masking, seed=7)
    batch = list(range(8))
    losses = []
    for epoch in (0, 1, 0):
        lesson.begin(epoch)
        losses.append(float(lesson.loss(batch).detach()))
    assert losses[0] == losses[2] != losses[1]


def test_training_reads_the_texts_better_than_the_backbone(tiny: Settings, tmp_path: Path):
    report = run(order(lines(tmp_path / "texts.txt", sentences())), tiny, quiet, quiet)
    figures = report["metrics"]
    assert list(figures) == ["perplexity", "loss", "perplexity_of_the_backbone", "loss_of_the_backbone"]
    assert figures["perplexity"]["high"] < figures["perplexity_of_the_backbone"]["low"]
    version = open_registry(tiny).get("reader")
    assert (version.card.objective, version.card.labels) == ("fill-mask", [])
    assert not [name for name in version.manifest.files if "head" in name], "the head is not published"


def test_what_is_exported_is_an_encoder_whose_words_have_moved(tiny: Settings, tmp_path: Path):
    run(order(lines(tmp_path / "texts.txt", sentences(40)), chosen={**CHOSEN, "epochs": 1}), tiny, quiet, quiet)
    out = open_registry(tiny).export("reader", tmp_path / "out") / "encoder"
    assert open_checkpoint(tiny.model_copy(update={"model": str(out)})).dim == 32

    from transformers import AutoModel

    ours, before = AutoModel.from_pretrained(out), AutoModel.from_pretrained(tiny.model)
    assert not torch.equal(ours.get_input_embeddings().weight, before.get_input_embeddings().weight)


@pytest.mark.parametrize("stage", ["Warming up the head", "Training"])
def test_a_run_that_was_stopped_ends_at_the_same_weights(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", 0.0)
    texts = read_texts([lines(tmp_path / "texts.txt", sentences())])
    recipe = QUICK.model_copy(update={"epochs": 3})
    at_once = fit_masked(texts, None, checkpoint, recipe, tmp_path / "a")
    with pytest.raises(PulledPlug):
        fit_masked(texts, None, checkpoint, recipe, tmp_path / "b", stop_at(4, stage))
    stopped = fit_masked(texts, None, checkpoint, recipe, tmp_path / "b")
    ours, theirs = at_once.network.trained(), stopped.network.trained()
    assert "backbone.embeddings.word_embeddings.weight" in ours
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert at_once.measure() == stopped.measure()


def test_lines_and_rows_are_read_alike_and_empty_lines_only_part_them(tmp_path: Path):
    as_lines = read_texts([lines(tmp_path / "texts.txt", ["lost card", "", "  ", "call us", "lost card"])])
    as_rows = read_texts([written(tmp_path / "texts.jsonl", [{"text": "lost card"}, {"text": "call us "}])])
    assert as_lines.rows == as_rows.rows == ("lost card", "call us")
    assert as_lines.repeated == 1


@pytest.mark.parametrize("row", [{"text": ""}, {"text": 3}, {"words": "lost card"}])
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, row: object):
    with pytest.raises(TriviumError, match=r'Line 2 of texts\.jsonl has no "text"'):
        read_texts([written(tmp_path / "texts.jsonl", [{"text": "lost card"}, row])])


def test_too_few_texts_are_refused_before_any_work(tiny: Settings, tmp_path: Path):
    with pytest.raises(TriviumError, match="There are only 3 different texts: give at least 20 of them"):
        run(order(lines(tmp_path / "texts.txt", sentences(3))), tiny, quiet, quiet)
    with pytest.raises(TriviumError, match=r"None\.txt has no text"):
        run(order(lines(tmp_path / "none.txt", [])), tiny, quiet, quiet)


def test_a_backbone_without_a_mask_says_so(checkpoint: Checkpoint, tmp_path: Path):
    whole = checkpoint.tokenizer.read_text()
    (tmp_path / "tokenizer.json").write_text(whole.replace("[MASK]", "[HOLE]"))
    maskless = Checkpoint(**{**vars(checkpoint), "path": tmp_path})
    with pytest.raises(TriviumError, match="has no mask token"):
        Masking(maskless, max_tokens=32, share=0.15)
