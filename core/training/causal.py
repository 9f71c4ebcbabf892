"""From texts or conversations to a measured causal language model: the steps of clm and dialogue. Reads no files."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from core.evaluation.intervals import Figure
from core.evaluation.perplexity import measure_perplexity
from core.generation.conversation import Conversation
from core.generation.decoder import Decoder
from core.generation.likelihood import likelihood
from core.generation.local import context_of, open_tokenizer
from core.generation.template import ChatTemplate, Piece
from core.generation.windows import closing, windows
from core.training.backbone import best_device
from core.training.bases import Blank
from core.training.byte_pairs import train_byte_pairs
from core.training.conversations import Conversations, conversations_apart
from core.training.loop import Lesson, Score
from core.training.next_token import CausalNetwork, NextToken, begin_model
from core.training.recipe import Recipe
from core.training.runs import Show, train_runs
from core.training.sources import Unusable
from core.training.texts import Texts, texts_apart


@dataclass(frozen=True)
class TrainedDecoder:
    """A finished training. end: the token at which it stops;  before: the figures of the base, where there was one"""

    network: CausalNetwork
    tokenizer: Any
    end: int
    after: Mapping[str, Figure]
    before: Mapping[str, Figure]
    notes: str
    seconds: float
    labels: tuple[str, ...] = field(default=())

    def measure(self) -> dict[str, Figure]:
        """Figures of what was not trained on, then those of the base: what the training was worth."""
        return {**self.after, **{f"{name}_of_the_base": figure for name, figure in self.before.items()}}

    def save(self, draft: Path) -> None:
        """Write the model and its tokenizer."""
        self.network.save(draft, self.tokenizer, self.end)


def fit_texts(
    texts: Texts,
    valid: Texts | None,
    base: Blank | Decoder,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> TrainedDecoder:
    """Learn all texts but some, and measure with these. Arguments as of `fit_classifier`.

    raises: Unusable when nothing is left to learn from; Invalid when base or architecture do not fit
    """
    began = time.monotonic()
    learned, measured = texts_apart(texts, valid, recipe.seed)
    if isinstance(base, Blank):
        tokenizer = train_byte_pairs(learned, base.words, recipe.max_tokens)
    else:
        tokenizer = open_tokenizer(base)
    network, after, before = _train(
        base,
        tokenizer,
        recipe,
        folder,
        show,
        lambda most: windows(learned, tokenizer, min(most, recipe.max_tokens), base.name),
        lambda most: windows(measured, tokenizer, most, base.name),
    )
    notes = f"Measured on {len(measured)} texts that were not trained on. Holds no labels: it goes on with a text."
    end = closing(tokenizer, base.name)
    return TrainedDecoder(network, tokenizer, end, after, before, notes, time.monotonic() - began)


def fit_replies(
    conversations: Conversations,
    valid: Conversations | None,
    base: Decoder,
    recipe: Recipe,
    folder: Path,
    show: Show = lambda _, __: None,
) -> TrainedDecoder:
    """Learn what the assistant says in all conversations but some, and measure with these.

    raises: Unusable when nothing is left to learn from; DoesNotFit when the base's chat template refuses a conversation
    """
    began = time.monotonic()
    learned, measured = conversations_apart(conversations, valid, recipe.seed)
    tokenizer = open_tokenizer(base)
    template = ChatTemplate(tokenizer, base.name)
    kept: list[Piece] = []

    def teach(most: int) -> list[Piece]:
        kept.extend(_fitting(template, learned, min(most, recipe.max_tokens)))
        return kept

    network, after, before = _train(
        base, tokenizer, recipe, folder, show, teach, lambda most: _fitting(template, measured, most)
    )
    left_out = len(learned) - len({piece.source for piece in kept})
    whole = sum(len(turn["content"].encode()) for held in learned for turn in held if turn["role"] == "assistant")
    notes = (
        f"Measured on the replies in {after['perplexity'].n} conversations that were not trained on. Learned were all "
        f"replies of the assistant in the last {recipe.max_tokens} tokens of each conversation, "
        f"{sum(piece.size for piece in kept) / whole:.1%} of them by length. {left_out} conversations were left out, "
        "since their last turn alone is longer."
    )
    return TrainedDecoder(network, tokenizer, template.end, after, before, notes, time.monotonic() - began)


def _train(
    base: Blank | Decoder,
    tokenizer: Any,
    recipe: Recipe,
    folder: Path,
    show: Show,
    learn: Callable[[int], list[Piece]],
    hold: Callable[[int], list[Piece]],
) -> tuple[CausalNetwork, Mapping[str, Figure], Mapping[str, Figure]]:
    """learn, hold: from how many tokens the model reads at once to pieces to train on and to measure with

    returns: the network, its figures, and those of the base
    """
    torch.manual_seed(recipe.seed)
    model = begin_model(base, tokenizer, recipe.max_tokens).to(best_device())
    reads = context_of(model.config)
    pieces, held = learn(reads), hold(reads)
    if not pieces or not held:
        raise Unusable(
            "nothing is short enough for the model to read", remedy="give shorter ones, or a base that reads more"
        )
    before = _measure(model, held) if isinstance(base, Decoder) else {}
    del model

    def begin(_: int) -> tuple[CausalNetwork, Lesson, Score | None]:
        network = CausalNetwork(begin_model(base, tokenizer, recipe.max_tokens), recipe).to(best_device())
        return network, NextToken(network, pieces), lambda: 1 / _measure(network.backbone, held)["perplexity"].value

    network = train_runs(begin, recipe, folder, "Training", show)
    return network, _measure(network.backbone, held), before


def _measure(model: Any, held: Sequence[Piece]) -> dict[str, Figure]:
    found = likelihood(model, held)
    return measure_perplexity(found.nats, found.tokens, found.bytes)


def _fitting(template: ChatTemplate, conversations: Sequence[Conversation], most: int) -> list[Piece]:
    return [piece for at, held in enumerate(conversations) for piece in template.fitting(held, at, most)]
