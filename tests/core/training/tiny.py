"""A backbone of 30,000 weights, made and saved here: trained in a second, opened by the same code as a real one."""

import json
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[", "]", ":"]


def make_backbone(folder: Path, words: Sequence[str], seed: int = 1) -> Path:
    """Write a random BERT of two layers that knows these words. returns: the folder"""
    import torch
    from transformers import BertConfig, BertModel

    vocabulary = {word: at for at, word in enumerate([*MARKS, *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder, safe_serialization=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 32}))
    return folder


THINGS = {
    "card": ["card", "plastic", "chip", "pin"],
    "refund": ["refund", "money", "back", "return"],
    "parcel": ["parcel", "courier", "late", "delivery"],
}
FILLERS = ["my", "the", "please", "where", "is", "a", "for", "today", "help", "with"]
WORDS = [word for words in THINGS.values() for word in words] + FILLERS


def sentences(each: int, seed: int = 3) -> list[dict[str, str]]:
    """returns: `each` rows for each of three labels, every text another"""
    import random

    chance = random.Random(seed)
    rows: dict[str, str] = {}
    while len(rows) < each * len(THINGS):
        label = list(THINGS)[len(rows) % len(THINGS)]
        text = " ".join(chance.sample(FILLERS, 3) + chance.sample(THINGS[label], 2))
        rows.setdefault(text, label)
    return [{"text": text, "label": label} for text, label in rows.items()]


def write_rows(path: Path, rows: Sequence[dict[str, object]]) -> Path:
    """returns: the path, a .jsonl file"""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
