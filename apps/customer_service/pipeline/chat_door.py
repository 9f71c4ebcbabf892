"""The desk as a chat model: the turns of a client that keeps its conversation itself, answered with citations."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.customer_service.pipeline.answering import reply
from apps.customer_service.pipeline.asking import ask
from apps.customer_service.pipeline.drafting import Drafter, open_drafter
from apps.customer_service.pipeline.replying import MOST_TURNS, pieces
from apps.customer_service.schemas.asking import MOST_QUESTION_CHARACTERS, Answer, AskQuery, Turn
from apps.customer_service.settings import SupportSettings
from core.app import Services
from core.chat_door import ChatReply, ChatTurn
from core.errors import Invalid, TooLarge
from core.retrieval.collections import Collections

MODEL = "trivium-support"
USUAL_COLLECTION = "support"


class NothingAsked(Invalid):
    """The last message is empty."""

    status = 400
    param = "messages"

    def __init__(self) -> None:
        super().__init__("the last message has no text", remedy="write a question")


class QuestionTooLong(TooLarge):
    """A question of more characters than the desk reads."""

    param = "messages"

    def __init__(self, characters: int) -> None:
        super().__init__(
            f"the question has {characters:,} characters, more than {MOST_QUESTION_CHARACTERS:,}",
            remedy="ask in fewer words",
        )


@dataclass(frozen=True)
class SupportDoor:
    """Answers as `POST /v1/support/ask` does, from what customers may read. Keeps nothing.

    Models: "trivium-support" for the usual knowledge base, "trivium-support/<collection>" for each.
    """

    collections: Collections
    settings: SupportSettings
    drafter: Drafter | None = None
    scope: str = "support:chat"

    def models(self) -> list[str]:
        """One name for the usual knowledge base, and one for each."""
        return [MODEL, *(f"{MODEL}/{found.name}" for found in self.collections.names())]

    def serves(self, model: str) -> bool:
        """Whether the name is one of ours, whatever collection it names."""
        return model == MODEL or model.startswith(f"{MODEL}/")

    def reply(self, model: str, turns: Sequence[ChatTurn]) -> ChatReply:
        """Answer the user's last messages in the light of what was said before.

        raises: NoSuchCollection, NothingAsked, QuestionTooLong
        """
        name = model.removeprefix(MODEL).removeprefix("/") or USUAL_COLLECTION
        answer = self._answer(name, *asked(turns))
        details = answer.model_dump(mode="json", exclude={"answer"})
        return ChatReply(pieces(answer.answer), details)

    def _answer(self, name: str, question: str, before: list[Turn]) -> Answer:
        collection = self.collections.get(name)
        query = AskQuery(question=question, collection=name, turns=before)
        return reply(query, lambda one: ask(one, collection, self.settings, self.drafter))


def asked(turns: Sequence[ChatTurn]) -> tuple[str, list[Turn]]:
    """Tell the question from what was said before; messages sent one after the other are one question.

    raises: NothingAsked, QuestionTooLong

    >>> asked([ChatTurn("user", "Hello."), ChatTurn("assistant", "Hello!"), ChatTurn("user", "A card?")])[0]
    'A card?'
    """
    first = len(turns)
    while first > 0 and turns[first - 1].role == "user":
        first -= 1
    question = "\n".join(turn.text.strip() for turn in turns[first:]).strip()
    if not question:
        raise NothingAsked
    if len(question) > MOST_QUESTION_CHARACTERS:
        raise QuestionTooLong(len(question))
    before = [turn for turn in turns[:first] if turn.text.strip()][-MOST_TURNS:]
    return question, [Turn(role="user" if t.role == "user" else "agent", text=t.text.strip()[-20_000:]) for t in before]


def open_door(services: Services) -> SupportDoor:
    """The desk over these services."""
    return SupportDoor(services.collections, SupportSettings.of(services.settings), services.once(open_drafter))
