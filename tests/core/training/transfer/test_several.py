"""Several data sets in one run: how they are drawn, what they share, what is published."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from core.backend.checkpoint import Checkpoint
from core.backend.models import open_registry
from core.backend.tokens import Tokens
from core.errors import TriviumError
from core.settings import Settings
from core.tasks import find_task
from core.training.backbone import encode
from core.training.command import Order, run
from core.training.examples import read_examples
from core.training.fit import fit_classifier
from core.training.loop import Progress, batches
from core.training.objectives.elsewhere import Elsewhere
from core.training.recipe import Recipe
from core.training.transfer.besides import Besides
from core.training.transfer.further import read_further
from core.training.transfer.several import FurtherHead, Several
from tests.core.training.tiny import messages, questions, written

ROWS = messages(24)
MOODS = [
    {"text": text, "label": label}
    for at in range(12)
    for text, label in ((f"card{at % 4} new {at}", "positive"), (f"card{at % 4} lost {at}", "negative"))
]


def quiet(*_: object) -> None:
    """Says nothing."""


class Counted:
    """A lesson whose examples lose a fixed amount."""

    def __init__(self, size: int, amount: float) -> None:
        self.size = size
        self.amount = amount
        self.seen: list[int] = []

    def begin(self, epoch: int) -> None:
        """Nothing."""

    def length(self, example: int) -> int:
        return 5

    def loss(self, batch: Sequence[int]) -> torch.Tensor:
        self.seen += batch
        return torch.tensor(self.amount)


def test_an_epoch_is_all_of_the_main_lesson_and_a_share_of_the_others():
    main, large, small = Counted(100, 1.0), Counted(400, 3.0), Counted(25, 5.0)
    recipe = Recipe(batch=10)
    lesson = Several(main, [large, small], recipe)
    assert lesson.size == 100 + 200 + 50
    for epoch in range(2):
        lesson.begin(epoch)
        for batch in batches(lesson, recipe, 7, epoch):
            lesson.loss(batch)
    assert sorted(main.seen) == sorted([*range(100)] * 2)
    assert sorted(large.seen) == list(range(400))  # other ones in the second epoch
    assert sorted(small.seen) == sorted([*range(25)] * 4)


def test_most_batches_are_of_one_lesson_and_a_mixed_one_weighs_by_its_examples():
    recipe = Recipe(batch=10)
    lesson = Several(Counted(100, 1.0), [Counted(100, 3.0)], recipe)
    losses = [lesson.loss(batch).item() for batch in batches(lesson, recipe, 7, 0)]
    assert sum(loss in (1.0, 3.0) for loss in losses) >= len(losses) - 2
    assert lesson.loss([0, 1, 2, 150]).item() == pytest.approx(1.5)


def test_the_further_heads_learn_over_the_same_backbone(checkpoint: Checkpoint, tmp_path: Path):
    moods = written(tmp_path / "moods.jsonl", MOODS)
    pairs = written(tmp_path / "pairs.jsonl", questions(40))
    further = read_further([f"sentiment={moods}", f"retrieval={pairs}"], [])
    rows = read_examples([written(tmp_path / "rows.jsonl", ROWS)], find_task("intent"))
    recipe = Recipe(epochs=15, learning_rate=2e-3, batch=16)
    trained = fit_classifier(rows, rows, checkpoint, recipe, tmp_path, besides=Besides(further=further))
    [head] = trained.network.further  # pairs need none
    assert isinstance(head, FurtherHead)
    vectors = encode(trained.network, Tokens(checkpoint)([row["text"] for row in MOODS]))
    said = head.logits(vectors).argmax(dim=1).tolist()
    right = [("negative", "positive")[at] == row["label"] for at, row in zip(said, MOODS, strict=True)]
    assert sum(right) / len(right) > 0.9
    assert trained.labels == ["card", "parcel", "refund"]


def test_a_run_with_further_sets_is_published_with_the_main_head_and_names_them(
    tiny: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.training.loop.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("core.training.loop.REPORT_EVERY_S", 0.0)
    data, moods = written(tmp_path / "rows.jsonl", ROWS), written(tmp_path / "moods.jsonl", MOODS)
    valid = written(tmp_path / "valid.jsonl", [*ROWS[:9], {"text": MOODS[0]["text"], "label": "card"}])
    chosen = {"epochs": 2, "batch": 16, "method": "lora"}
    order = Order("intent", (data,), "desk", (valid,), chosen=chosen, elsewhere=Elsewhere(also=[f"sentiment={moods}"]))

    class Cut(Exception):
        """As if the power failed."""

    def cut(_: str, at: Progress) -> None:
        if at.step == 5:
            raise Cut

    said: list[str] = []
    with pytest.raises(Cut):
        run(order, tiny, said.append, cut)
    for _ in range(2):
        run(order, tiny, quiet, quiet)
    one, two = open_registry(tiny).versions("desk")
    assert one.fingerprint == two.fingerprint
    assert one.card.labels == ["card", "parcel", "refund"]
    assert "head of its own that is not published: 24 rows of moods.jsonl for sentiment" in one.card.notes
    assert "1 texts of it stand among those that are measured" in " ".join(said)
    assert {data.name for data in one.card.data} == {"rows.jsonl", "moods.jsonl"}


@pytest.mark.parametrize(
    ("also", "method", "sentence"),
    [
        ("moods.jsonl", "full", "write --also TASK=FILE"),
        ("nothing=moods.jsonl", "full", "there is no task 'nothing'"),
        ("sentiment=missing.jsonl", "full", "there is no file missing.jsonl"),
        ("mlm=moods.jsonl", "full", "cannot be learned along with labels"),
        ("retrieval=pairs.jsonl", "full", "only 3 different queries"),
        ("sentiment=moods.jsonl", "head", "which --method head leaves as it is"),
    ],
)
def test_a_set_that_cannot_be_learned_along_is_named(
    tiny: Settings, tmp_path: Path, also: str, method: str, sentence: str
):
    data = written(tmp_path / "rows.jsonl", ROWS)
    written(tmp_path / "moods.jsonl", MOODS)
    written(tmp_path / "pairs.jsonl", questions(3))
    with pytest.raises(TriviumError, match=f"(?i){sentence}"):
        run(
            Order("intent", (data,), "desk", chosen={"method": method}, elsewhere=Elsewhere(also=[also])),
            tiny,
            quiet,
            quiet,
        )
