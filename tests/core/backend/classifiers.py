"""Trained versions made by hand: a head over the letter encoder, or over a Transformer of two tiny layers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.backend.encoder import Encoder
from core.backend.head import Head, HeadAbout
from core.backend.registry import Backbone, Registry, Version
from core.testing.fakes import LetterEncoder
from tests.core.backend.registry.samples import card

MOODS = {"down": ["loss", "fall"], "up": ["gain", "zip"]}
WORDS = "the a not profit profits loss losses rise rises fall falls gain gains zip ford fiat market very now".split()


def head(labels: Mapping[str, Sequence[str]] = MOODS, encoder: Encoder | None = None, **about: Any) -> Head:
    """A head whose label vectors are the mean vectors of some words."""
    encoder = encoder or LetterEncoder()
    vectors = np.stack([encoder.encode(list(words)).mean(axis=0) for words in labels.values()])  # (c, d)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    plain: dict[str, Any] = {"scale": 20.0, "temperature": 1.0, "refuse_below": -1.0}
    return Head(HeadAbout(tuple(labels), **{**plain, **about}), vectors.astype(np.float32))


def publish_head(registry: Registry, name: str = "mood", made: Head | None = None, **more: Any) -> Version:
    """Publish a head over the encoder that is in use.

    more: `promote`; `fingerprint` of another backbone; `encoder`, a directory with one of its own
    """
    made = made or head()
    base = Backbone(name="letters", fingerprint=more.get("fingerprint", LetterEncoder().fingerprint))
    with registry.draft(name) as draft:
        if encoder := more.get("encoder"):
            (draft / "encoder").mkdir()
            for file in encoder.iterdir():
                (draft / "encoder" / file.name).write_bytes(file.read_bytes())
        made.save(draft)
        about = card(task="sentiment", objective="classify", labels=list(made.about.labels), base=base, method="head")
        return registry.publish(name, draft, about, promote=more.get("promote", False))


def tiny_bert(folder: Path, seed: int = 7, spread: float = 0.1) -> Path:
    """A directory with a BERT of two layers that knows `WORDS`, with random weights and a tokenizer.

    spread: of the weights; with the usual 0.02 all texts look alike, from 0.4 on words only matter together
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, ":", "[", "]", ","]
    tokenizer = Tokenizer(models.WordPiece({word: at for at, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(vocabulary[:5])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=2_100,  # more than it knows; the random weights, and so the expected figures, follow from it
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=spread,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder, safe_serialization=True)
    return folder
