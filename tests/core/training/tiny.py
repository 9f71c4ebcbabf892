"""A BERT of two layers that knows sixty words, and small data for it: trainings that take a second."""

import json
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from core.backend.models import open_registry
from core.settings import Settings

SUBJECTS = ("card", "loan", "rent", "train", "shoe", "phone", "cat", "soup")
ASKED = ("lost", "new", "late")
SAID = ("please", "call", "us")
THINGS = {
    "card": ("plastic", "chip", "pin", "contactless"),
    "refund": ("refund", "money", "back", "return"),
    "parcel": ("parcel", "courier", "van", "delivery"),
}
FILLERS = ("my", "the", "where", "is", "a", "for", "today", "help", "with", "it")
WORDS = [
    *(f"{subject}{number}" for subject in SUBJECTS for number in range(4)),
    *ASKED, *SAID, *FILLERS, *(word for words in THINGS.values() for word in words),
]  # fmt: skip


def save_backbone(folder: Path, more: Iterable[str] = (), *, layers: int = 2) -> Path:
    """Write an untrained encoder as a checkpoint has it: weights, tokenizer, pooling. more: words that it knows too"""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS, *more])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(1)
    model = BertModel(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=layers,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=32,
        ),
        add_pooling_layer=False,
    )
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for at, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    (folder / "1_Pooling").mkdir()
    abouts: Mapping[str, object] = {
        "modules.json": modules,
        "sentence_bert_config.json": {"max_seq_length": 32, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "model_max_length": 32},
    }
    for name, about in abouts.items():
        (folder / name).write_text(json.dumps(about))
    return folder


def questions(count: int = 160, seed: int = 1) -> list[dict[str, object]]:
    """Each subject has two words that are asked with, and two others that its one passage is written in."""
    chance = random.Random(seed)
    rows: list[dict[str, object]] = []
    for number in range(count):
        subject = SUBJECTS[number % len(SUBJECTS)]
        words = [f"{subject}{chance.randrange(2)}", *chance.sample(ASKED, k=2), f"{subject}{chance.randrange(2)}"]
        chance.shuffle(words)
        rows.append({"query": " ".join(words), "passage": f"please {subject}2 call {subject}3 us"})
    return rows


def sentences(count: int = 120, seed: int = 1) -> list[str]:
    """The words of one subject always stand in the same order."""
    chance = random.Random(seed)
    texts = []
    for number in range(count):
        subject = SUBJECTS[number % len(SUBJECTS)]
        texts.append(
            f"{chance.choice(ASKED)} {subject}0 {subject}1 {subject}2 {subject}3 {chance.choice(SAID)} {number}"
        )
    return texts


def written(path: Path, rows: Iterable[object]) -> Path:
    """Write rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def registered(settings: Settings) -> list[str]:
    """Names of the models that were trained or imported there."""
    registry = open_registry(settings)
    return [name for name in registry.names() if not registry.versions(name)[-1].shipped]


class PulledPlug(RuntimeError):
    """What stops a training in the middle."""


def stop_at(step: int, stage: str = "Training") -> Callable[[str, object], None]:
    """A `show` that pulls the plug at that step of a stage."""

    def show(named: str, at: object) -> None:
        if named == stage and at.step >= step:  # type: ignore[attr-defined]
            raise PulledPlug

    return show


def messages(each: int, seed: int = 3) -> list[dict[str, object]]:
    """returns: `each` rows of text and label for each of THINGS, every text another"""
    chance = random.Random(seed)
    rows: dict[str, str] = {}
    while len(rows) < each * len(THINGS):
        label = list(THINGS)[len(rows) % len(THINGS)]
        text = " ".join(chance.sample(FILLERS, 3) + chance.sample(THINGS[label], 2))
        rows.setdefault(text, label)
    return [{"text": text, "label": label} for text, label in rows.items()]


def rated(count: int = 48, seed: int = 5) -> list[dict[str, object]]:
    """Of four words, each that is about a card adds 2.5 to the value, each about a parcel nothing."""
    chance = random.Random(seed)
    rows: dict[str, float] = {}
    while len(rows) < count:
        cards = chance.randrange(5)
        words = [chance.choice(THINGS["card"]) for _ in range(cards)]
        words += [chance.choice(THINGS["parcel"]) for _ in range(4 - cards)] + chance.sample(FILLERS, 2)
        chance.shuffle(words)
        rows[" ".join(words)] = 2.5 * cards
    return [{"text": text, "value": value} for text, value in rows.items()]
