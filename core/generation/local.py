"""A causal language model, opened here: it replies to conversations, goes on with texts, says how likely they are."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.utils import logging as transformers_logging

from core.errors import Invalid, Misconfigured
from core.generation.conversation import Conversation, shorter
from core.generation.decoder import Decoder
from core.generation.likelihood import Likelihood, likelihood
from core.generation.speaking import Speech
from core.generation.template import UNSEEN, ChatTemplate, Piece
from core.generation.windows import closing, opening, windows

MOST_READ = 4_096  # tokens at once, whatever more the model could: its logits have to be held
MOST_SAID = 256  # tokens of a reply, and never more than half of what the model can read at once
WRITTEN_TOGETHER = 8  # texts


class TooLong(Invalid):
    """More to read than the model takes in."""

    def __init__(self, tokens: int, most: int) -> None:
        super().__init__(f"the last message has {tokens} tokens of which the model reads {most}", remedy="shorten it")


@dataclass(frozen=True)
class Reply:
    """What was said. confidence: geometric mean of the probabilities of its tokens, the closing one among them

    ended: whether it came to its end; otherwise it was cut off at the longest that may be said
    """

    text: str
    confidence: float
    ended: bool


class LocalModel:
    """Open with `open_local`. Greedy: the same is said each time."""

    def __init__(self, decoder: Decoder, model: Any, tokenizer: Any) -> None:
        self.ref = decoder.name
        self.context = context_of(model.config)
        self.tokenizer = tokenizer
        self._model = model
        self._most_said = min(MOST_SAID, self.context // 2)

    def reply(self, conversations: Sequence[Conversation]) -> list[Reply]:
        """What the assistant says next in each, in order. Too long a conversation loses its oldest turns.

        raises: DoesNotFit when the chat template refuses one, TooLong
        """
        template = ChatTemplate(self.tokenizer, self.ref)
        prompts = [self._prompt(template, conversation, self._most_said) for conversation in conversations]
        return [replace(said, text=said.text.strip()) for said in self._written(prompts, template.end)]

    def speak(
        self,
        conversation: Conversation,
        most: int | None = None,
        *,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seed: int | None = None,
        go_on: Callable[[], None] = lambda: None,
    ) -> Speech:
        """What the assistant says next, while it is written; see `Speech`. Too long a conversation as in `reply`.

        most: tokens, and never more than fit behind what is read, for which three quarters of the context are kept;
            None: MOST_SAID
        raises: DoesNotFit, TooLong
        """
        most = most or MOST_SAID
        template = ChatTemplate(self.tokenizer, self.ref)
        prompt = self._prompt(template, conversation, min(most, self.context // 4))
        return Speech(
            self._model,
            self.tokenizer,
            prompt,
            template.end,
            most=min(most, self.context - len(prompt)),
            stop=stop,
            temperature=temperature,
            seed=seed,
            go_on=go_on,
        )

    def _prompt(self, template: ChatTemplate, conversation: Conversation, most_said: int) -> list[int]:
        ids = template.prompt(conversation)
        while len(ids) > self.context - most_said:
            if not (left := shorter(conversation)):
                raise TooLong(len(ids), self.context - most_said)
            conversation = left
            ids = template.prompt(conversation)
        return ids

    def go_on(self, texts: Sequence[str]) -> list[Reply]:
        """How each text goes on, in order; of too long a text only the end is read."""
        most, first = self.context - self._most_said, opening(self.tokenizer, self.ref)
        prompts = []
        for ids in self.tokenizer(list(texts), add_special_tokens=False, split_special_tokens=True)["input_ids"]:
            prompts.append([first, *ids[-(most - 1) :]])
        return self._written(prompts, closing(self.tokenizer, self.ref))

    def of_texts(self, texts: Sequence[str]) -> Likelihood:
        """How likely each text is."""
        return likelihood(self._model, windows(texts, self.tokenizer, self.context, self.ref))

    def of_replies(self, conversations: Sequence[Conversation]) -> Likelihood:
        """How likely the assistant's replies are, of those conversations whose last turn can be read whole."""
        template = ChatTemplate(self.tokenizer, self.ref)
        pieces = [piece for at, held in enumerate(conversations) for piece in template.fitting(held, at, self.context)]
        return likelihood(self._model, pieces)

    def _written(self, prompts: Sequence[list[int]], end: int) -> list[Reply]:
        replies: list[Reply | None] = [None] * len(prompts)
        order = sorted(range(len(prompts)), key=lambda at: len(prompts[at]))
        for begin in range(0, len(order), WRITTEN_TOGETHER):
            part = order[begin : begin + WRITTEN_TOGETHER]
            for at, reply in zip(part, self._generate([prompts[at] for at in part], end), strict=True):
                replies[at] = reply
        return [reply for reply in replies if reply is not None]

    @torch.no_grad()
    def _generate(self, prompts: Sequence[list[int]], end: int) -> list[Reply]:
        device = self._model.get_input_embeddings().weight.device
        longest = max(map(len, prompts))
        ids = torch.tensor([[end] * (longest - len(row)) + row for row in prompts])  # (b, t), filled up in front
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in prompts])
        about = GenerationConfig(do_sample=False, max_new_tokens=self._most_said, eos_token_id=end, pad_token_id=end)
        written = self._model.generate(ids.to(device), attention_mask=mask.to(device), generation_config=about)
        said: list[list[int]] = written[:, longest:].tolist()
        said = [row[: row.index(end) + 1] if end in row else row for row in said]
        pieces = [
            Piece([*prompt, *row], [UNSEEN] * len(prompt) + row, at, 0)
            for at, (prompt, row) in enumerate(zip(prompts, said, strict=True))
        ]
        found = likelihood(self._model, pieces)
        return [
            Reply(
                text=self.tokenizer.decode(row, skip_special_tokens=True),
                confidence=math.exp(-found.nats[at] / found.tokens[at]),
                ended=row[-1:] == [end],
            )
            for at, row in enumerate(said)
        ]


def open_local(decoder: Decoder) -> LocalModel:
    """raises: Misconfigured when the files give no causal language model"""
    model = open_weights(decoder)
    return LocalModel(decoder, model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), open_tokenizer(decoder))


def open_tokenizer(decoder: Decoder) -> Any:
    """A tokenizer of transformers. raises: Misconfigured when it is none of the fast kind"""
    tokenizer = AutoTokenizer.from_pretrained(decoder.tokenizer, trust_remote_code=False, local_files_only=True)
    if not tokenizer.is_fast:
        raise Misconfigured(
            f"the tokenizer of {decoder.name} does not tell where its tokens stand", remedy="save its tokenizer.json"
        )
    return tokenizer


def open_weights(decoder: Decoder) -> Any:
    """A causal model of transformers in fp32, its adapters merged in.

    raises: Misconfigured when the files give none
    """
    silence()
    try:
        model, loaded = AutoModelForCausalLM.from_pretrained(
            decoder.path,
            dtype=torch.float32,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise Misconfigured(
            f"{decoder.name} cannot be opened as a causal language model ({type(error).__name__})",
            remedy="give the directory of one that transformers knows",
        ) from error
    if loaded["missing_keys"]:  # they would begin by lot
        raise Misconfigured(
            f"{decoder.name} lacks weights of a causal language model, such as {min(loaded['missing_keys'])}",
            remedy="give the directory of a whole one",
        )
    check_causal(model, decoder.name)
    model.generation_config = GenerationConfig()  # a base's own would draw by lot, or punish what repeats
    if decoder.adapters:
        from peft import PeftModel

        with warnings.catch_warnings():  # peft 0.21 asks transformers by a name that version 6 will drop
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            for adapter in decoder.adapters:
                model = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    return model


def silence() -> None:
    """No bars while weights are read and written, and no word about settings that greedy writing has no use for."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()


def context_of(config: Any) -> int:
    """Tokens that are read at once. config: of transformers"""
    return min(int(getattr(config, "max_position_embeddings", 0) or 1_024), MOST_READ)


@torch.no_grad()
def check_causal(model: Any, name: str) -> None:
    """raises: Misconfigured when a word that comes later changes what is said before it"""
    was_training = model.training
    model.eval()
    one, other = (model(input_ids=torch.tensor([[0, last]]), use_cache=False).logits[0, 0] for last in (0, 1))
    model.train(was_training)
    if not torch.allclose(one, other, atol=1e-4):
        raise Misconfigured(
            f"{name} is no causal language model: its words look ahead", remedy="name a decoder, such as llama or gpt2"
        )
