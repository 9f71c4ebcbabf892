"""What was asked and answered in this conversation. The address holds the questions, so a reload asks them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from apps.customer_service.schemas.asking import Answer, AskQuery, Turn
from ui.client import Client

MOST_TURNS = 100  # that the API takes
MOST_IN_ADDRESS = 8  # questions; a longer conversation loses its oldest on a reload
MOST_CHARACTERS_IN_ADDRESS = 4_000

_HELD = "support.exchanges"
_ADDRESS = "ask"


@dataclass(frozen=True)
class Exchange:
    """A question and what the desk said to it. collection: the knowledge base that was asked"""

    question: str
    answer: Answer
    collection: str


def exchanges(client: Client, collection: str) -> list[Exchange]:
    """The conversation so far, oldest first.

    After a reload it is asked again: the same questions give the same answers.
    raises: ApiProblem
    """
    held: list[Exchange] = [e for e in st.session_state.get(_HELD, []) if e.collection == collection]
    asked = st.query_params.get_all(_ADDRESS)
    if asked and asked != for_address([exchange.question for exchange in held]):
        held = []
        for question in asked:
            held.append(_exchange(client, collection, held, question))
    _hold(held)
    return held


def ask(client: Client, collection: str, before: Sequence[Exchange], question: str) -> list[Exchange]:
    """Ask the next question. returns: the conversation with it

    raises: ApiProblem
    """
    together = [*before, _exchange(client, collection, before, question)]
    _hold(together)
    return together


def forget() -> None:
    """Begin a new conversation."""
    _hold([])


def for_address(questions: Sequence[str]) -> list[str]:
    """The latest questions that fit into an address, oldest first.

    >>> for_address([str(n) for n in range(10)])[0]
    '2'
    """
    kept: list[str] = []
    free = MOST_CHARACTERS_IN_ADDRESS
    for question in reversed(questions[-MOST_IN_ADDRESS:]):
        free -= len(question)
        if kept and free < 0:
            break
        kept.insert(0, question)
    return kept


def turns(before: Sequence[Exchange]) -> list[Turn]:
    """What was said, as the API takes it."""
    said = [
        turn
        for exchange in before
        for turn in (Turn(role="user", text=exchange.question), Turn(role="agent", text=exchange.answer.answer))
    ]
    return said[-MOST_TURNS:]


def _exchange(client: Client, collection: str, before: Sequence[Exchange], question: str) -> Exchange:
    query = AskQuery(question=question, collection=collection, turns=turns(before))
    return Exchange(question, client.post("/v1/support/ask", query, Answer), collection)


def _hold(held: list[Exchange]) -> None:
    st.session_state[_HELD] = held
    questions = for_address([exchange.question for exchange in held])
    if questions != st.query_params.get_all(_ADDRESS):
        if questions:
            st.query_params[_ADDRESS] = questions
        else:
            del st.query_params[_ADDRESS]
