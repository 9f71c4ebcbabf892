"""From a customer's message to the desk's reply: what it is comes first, what is asked is then answered one by one."""

import re
from collections.abc import Callable, Mapping, Sequence

from apps.customer_service.pipeline.splitting import leans_on_before
from apps.customer_service.pipeline.understanding import Understood, understand
from apps.customer_service.pipeline.words import Saying, say
from apps.customer_service.schemas.asking import Action, Answer, AnsweredPart, AskQuery, Citation, Turn

MOST_SUGGESTIONS = 3
_CAUTION: tuple[Action, ...] = ("handoff", "clarify", "answer")
_UNSEARCHED: dict[str, tuple[Action, Saying]] = {
    "human": ("handoff", "human"),
    "wordless": ("clarify", "wordless"),
    "garbled": ("clarify", "garbled"),
}
_MARKER = re.compile(r"\[(\d+)\]")


def reply(query: AskQuery, answer_one: Callable[[AskQuery], Answer], shown: Callable[[str], str] = str) -> Answer:
    """Reply to a message: small talk and the like without a search, questions one by one, in the customer's language.

    answer_one: answers a single question from the knowledge base;  shown: how a question is repeated above its answer
    """
    understood = understand(query.question, query.turns)
    if understood.kind != "question":
        return _unsearched(query, understood)
    answers: list[Answer] = []
    for at, part in enumerate(understood.parts):
        before = [Turn(role="user", text=understood.parts[at - 1])] if at and leans_on_before(part) else []
        one = query.model_copy(update={"question": part, "turns": [*query.turns, *before][-100:]})
        answers.append(in_language(answer_one(one), understood.language))
    if len(answers) == 1:
        return answers[0]
    return _together([shown(part) for part in understood.parts], answers)


def joined(parts: Sequence[AnsweredPart], own: Mapping[Action, str] | None = None) -> str:
    """Several answers as one text: each below its question, what is said to several of them said once.

    own: by action, what the desk says instead where it does not answer
    """
    told: dict[str, list[str]] = {}
    for part in parts:
        told.setdefault((own or {}).get(part.action, part.answer), []).append(part.question)
    if len(told) == 1:
        return next(iter(told))
    return "\n\n".join("\n".join([*questions, text]) for text, questions in told.items())


def _unsearched(query: AskQuery, understood: Understood) -> Answer:
    action, saying = _UNSEARCHED.get(understood.kind, ("answer", understood.topic or "greeting"))
    return Answer(
        answer=say(saying, understood.language),
        action=action,
        confidence=None,
        confidence_words="",
        citations=[],
        suggestions=[],
        collection=query.collection,
        kind=understood.kind,
        language=understood.language,
    )


def in_language(answer: Answer, language: str) -> Answer:
    """What the desk says of its own is said in the customer's language; what it quotes stays as it is."""
    own: dict[Action, Saying] = {"handoff": "dont_know", "clarify": "which"}
    said = say(own[answer.action], language) if answer.action in own and not answer.citations else answer.answer
    return answer.model_copy(update={"answer": said, "language": language})


def _together(questions: Sequence[str], answers: Sequence[Answer]) -> Answer:
    """Several answers as one, their citations numbered through."""
    parts: list[AnsweredPart] = []
    citations: list[Citation] = []
    for question, answer in zip(questions, answers, strict=True):
        numbers = {held.number: len(citations) + n for n, held in enumerate(answer.citations, start=1)}
        citations += [held.model_copy(update={"number": numbers[held.number]}) for held in answer.citations]
        parts.append(
            AnsweredPart(
                question=question,
                answer=_renumbered(answer.answer, numbers),
                action=answer.action,
                confidence=answer.confidence,
                confidence_words=answer.confidence_words,
                citations=list(numbers.values()),
                source=answer.source,
                fallback=answer.fallback,
            )
        )
    least = min(answers, key=lambda answer: 1.0 if answer.confidence is None else answer.confidence)
    suggested = {held.document: held for answer in answers for held in answer.suggestions}
    return Answer(
        answer=joined(parts),
        action=min((part.action for part in parts), key=_CAUTION.index),
        confidence=least.confidence,
        confidence_words=least.confidence_words,
        citations=citations,
        suggestions=list(suggested.values())[:MOST_SUGGESTIONS],
        collection=answers[0].collection,
        source="model" if any(part.source == "model" for part in parts) else "extractive",
        fallback=next((part.fallback for part in parts if part.fallback), None),
        language=answers[0].language,
        parts=parts,
    )


def _renumbered(text: str, numbers: dict[int, int]) -> str:
    return _MARKER.sub(lambda found: f"[{numbers.get(int(found[1]), int(found[1]))}]", text)
