"""A follow-up question as one that can be understood alone. What the model adds of its own is not believed."""

from collections.abc import Sequence

from langchain_core.messages import HumanMessage, SystemMessage

from core.generation import facts
from core.generation.calling import Caller, Limits
from core.generation.conversation import Message
from core.generation.grounded import MOST_TURNS
from core.generation.plain import plain
from core.retrieval.words import terms_of

LIMITS = Limits(seconds=5.0, characters=600)
LONGER = 40  # words that a question may grow by
FAMILIAR = 0.7  # share of its content words that the conversation must hold

INSTRUCTIONS = """Rewrite the customer's last question so that it can be understood without the conversation.
Put in what "it", "that" or "there" stand for. Use the conversation's own words, add nothing, do not answer.
Write the question only, in one line. If it can be understood alone, repeat it unchanged."""


def standalone(question: str, turns: Sequence[Message], model: Caller, limits: Limits = LIMITS) -> str | None:
    """Let the model rewrite a question.

    turns: what was said before, oldest first
    returns: None without turns, when the model fails, and when its question is not one of this conversation
    """
    if not turns:
        return None
    said = [f"{'Customer' if turn['role'] == 'user' else 'Desk'}: {turn['content']}" for turn in turns[-MOST_TURNS:]]
    asked = "\n".join([*said, f"Last question: {question}"])
    heard = model.ask([SystemMessage(INSTRUCTIONS), HumanMessage(asked)], limits)
    if heard.failure:
        return None
    lines = [line for line in plain(heard.text).split("\n") if line]
    rewritten = lines[0].removeprefix("Question:").strip() if len(lines) == 1 else ""
    return rewritten if faithful(rewritten, question, [turn["content"] for turn in turns]) else None


def faithful(rewritten: str, question: str, said: Sequence[str]) -> bool:
    """Whether it brings in no number, name or negation from elsewhere, keeps the question's, and stays in its words.

    >>> faithful("What does a new card cost abroad?", "and abroad?", ["What does a new card cost?", "It costs £5."])
    True
    >>> faithful("What does a Visa card cost abroad?", "and abroad?", ["What does a new card cost?", "It costs £5."])
    False
    """
    everything = "\n".join([question, *said])
    terms = terms_of(rewritten)
    if not terms or len(rewritten.split()) > len(question.split()) + LONGER:
        return False
    known = set(terms_of(everything))
    return (
        not facts.invented_quantities(rewritten, everything)
        and not facts.invented_names(rewritten, everything)
        and not facts.invented_quotes(rewritten, everything)
        and (facts.negated(rewritten) == facts.negated(question) or facts.negated(everything))
        and facts.quantities(question) <= facts.quantities(rewritten)
        and sum(term in known for term in terms) >= FAMILIAR * len(terms)
    )
