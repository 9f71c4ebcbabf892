"""What customers think: of one answer, and of the whole conversation."""

from apps.customer_service.pipeline.showing import customer_may_see
from apps.customer_service.schemas.conversations import NewFeedback, NewRating
from apps.customer_service.store import feedback
from apps.customer_service.store.conversations import Conversations
from apps.customer_service.store.tables import ConversationRow
from core.errors import Invalid, NotFound


class NoSuchEntry(NotFound):
    """An entry that the conversation does not have, or that its customer cannot see."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the conversation has no entry {number}", remedy="use the `number` of one of its entries")


class NothingToJudge(Invalid):
    """A thumb for something that is no answer."""

    def __init__(self, number: int) -> None:
        super().__init__(f"entry {number} is not an answer", remedy="judge a message of the desk or of an agent")


def give_feedback(conversations: Conversations, chat: str, number: int, opinion: NewFeedback) -> None:
    """Keep a thumb for an answer; the latest counts.

    raises: NoSuchConversation, NoSuchEntry, NothingToJudge
    """
    with conversations.change(chat) as change:
        judged = change.find(number)
        if judged is None or not customer_may_see(judged):
            raise NoSuchEntry(number)
        if judged.kind != "message" or judged.role not in {"bot", "agent"}:
            raise NothingToJudge(number)
        feedback.give(
            change.session, chat, number, opinion.thumb, change.kept(opinion.comment or "") or None, change.now
        )


def rate(conversations: Conversations, chat: str, rating: NewRating) -> ConversationRow:
    """Keep how content the customer is; the latest counts.

    raises: NoSuchConversation
    """
    with conversations.change(chat) as change:
        change.row.csat = rating.score
        change.row.csat_comment = change.kept(rating.comment or "") or None
    return change.row
