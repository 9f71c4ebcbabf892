"""From hits to a draft in a chat model's words, each sentence backed by a passage that it cites. Writes nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.customer_service.schemas.asking import Citation, Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.generation import grounded
from core.generation.calling import Caller, Limits
from core.generation.conversation import Message
from core.generation.failures import Failure
from core.generation.grounded import Draft, Source
from core.generation.standalone import LIMITS as REWRITING
from core.generation.standalone import standalone
from core.generation.supported import Encodes
from core.privacy import mask
from core.retrieval.documents import Hit
from core.safety.injections import fence

_log = logging.getLogger(__name__)


def masked(text: str) -> str:
    """A text without personal data and without what is aimed at a model: no model reads any, ours or another's."""
    return mask(fence(text)).text


@dataclass(frozen=True)
class Drafter:
    """What drafts are made with. Build one a process: it remembers when the model fails.

    cleaned: takes personal data out of what was said, before any model reads it
    neutralised: takes instructions and hidden characters out of documents, before any model reads them
    rewrites: whether follow-up questions are rewritten before they are searched for
    """

    chat_model: Caller
    encoder: Encodes
    cleaned: Callable[[str], str] = masked
    neutralised: Callable[[str], str] = fence
    rewrites: bool = False

    @property
    def seconds(self) -> float:
        """The longest that the model may take for one question."""
        return self.chat_model.limits.seconds + (REWRITING.seconds if self.rewrites else 0.0)


@dataclass(frozen=True)
class Drafted:
    """failure: why there is no draft; the sources' own sentences then answer"""

    answer: str = ""
    citations: tuple[Citation, ...] = ()
    failure: Failure | None = None


def open_drafter(services: Services) -> Drafter | None:
    """Ask for it with `services.once`. returns: None where no chat model is set"""
    if services.chat_model is None:
        return None
    limits = Limits(services.settings.chat_seconds, services.settings.chat_characters)
    rewrites = SupportSettings.of(services.settings).rewrite_follow_ups
    return Drafter(Caller(services.chat_model, limits), services.encoder, rewrites=rewrites)


def draft(
    question: str,
    turns: Sequence[Turn],
    hits: Sequence[Hit],
    chat_model: Caller,
    encoder: Encodes,
    *,
    cleaned: Callable[[str], str] = masked,
    neutralised: Callable[[str], str] = fence,
) -> Drafted:
    """Let the model answer and keep what the sources say too.

    The confidence was earned by the best hit's document, so a draft that cites only others is not used.

    hits: best first, at least one;  cleaned, neutralised: see `Drafter`
    """
    found = grounded.draft(cleaned(question), _messages(turns, cleaned), hits, chat_model, encoder, shown=neutralised)
    cited = {hits[source.hit].document for sentence in found.sentences for source in sentence.sources}
    failure = found.failure or (None if hits[0].document in cited else Failure.UNSUPPORTED)
    if failure:
        _log.info("no draft", extra={"reason": failure.value})
        return Drafted(failure=failure)
    return _written(found, hits)


def rewritten(question: str, turns: Sequence[Turn], drafter: Drafter) -> str:
    """A follow-up question as one that stands alone, where the model has a faithful one; else as it is."""
    if not drafter.rewrites or not turns:
        return question
    told = standalone(drafter.cleaned(question), _messages(turns, drafter.cleaned), drafter.chat_model)
    return told or question


def _messages(turns: Sequence[Turn], cleaned: Callable[[str], str]) -> list[Message]:
    """The end of a conversation: no more than the model reads is cleaned, which takes a millisecond a turn."""
    return [
        {"role": "user" if turn.role == "user" else "assistant", "content": cleaned(turn.text)}
        for turn in turns[-grounded.MOST_TURNS :]
    ]


def _written(found: Draft, hits: Sequence[Hit]) -> Drafted:
    """Sentences with marks, and a citation for each stretch that stands behind one."""
    numbers: dict[Source, int] = {}
    parts = []
    for sentence in found.sentences:
        marks = [numbers.setdefault(source, len(numbers) + 1) for source in sentence.sources]
        parts.append(" ".join([sentence.text, *(f"[{mark}]" for mark in marks)]))
    return Drafted(" ".join(parts), tuple(_citation(number, source, hits) for source, number in numbers.items()))


def _citation(number: int, source: Source, hits: Sequence[Hit]) -> Citation:
    hit = hits[source.hit]
    begin = hit.passage.start
    return Citation(
        number=number,
        document=hit.document,
        title=hit.title,
        source=hit.source,
        heading=list(hit.passage.heading),
        passage=hit.passage.key,
        start=source.start,
        end=source.end,
        text=hit.passage.text[source.start - begin : source.end - begin],
    )
