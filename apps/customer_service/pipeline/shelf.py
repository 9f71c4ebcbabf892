"""The shelf of canned replies: what agents look up, change and take from it."""

from apps.customer_service.pipeline import canned
from apps.customer_service.pipeline.assigning import Team
from apps.customer_service.pipeline.watching import customer_name
from apps.customer_service.schemas.canned import CannedEdit, CannedReply, CannedReplyList, Fill, Filled
from apps.customer_service.store.canned import CannedReplies, CannedRow


def search(replies: CannedReplies, words: str, limit: int) -> CannedReplyList:
    """Those that hold the words, best first; all by title without words."""
    return CannedReplyList(items=[shown(row) for row in canned.found(replies.all(), words)[:limit]])


def put(replies: CannedReplies, name: str, edit: CannedEdit) -> CannedReply:
    """Make or replace one. raises: UnknownVariable, EditedMeanwhile, TooManyCannedReplies"""
    canned.variables_of(edit.text)
    return shown(replies.put(name, edit.title, edit.text, edit.version))


def fill(replies: CannedReplies, name: str, team: Team, place: Fill) -> Filled:
    """Put a chat's names in. raises: NoSuchCannedReply, NoSuchConversation, NoSuchAgent"""
    row = team.conversations.get(place.conversation)
    values = {
        "customer": customer_name(row),
        "agent": team.agents.get(place.agent).name,
        "conversation": row.id,
    }
    text, missing = canned.fill(replies.get(name).text, values)
    return Filled(text=text, missing=missing)


def shown(row: CannedRow) -> CannedReply:
    """One as it goes over the wire."""
    return CannedReply(
        name=row.name,
        title=row.title,
        text=row.text,
        variables=canned.variables_of(row.text),
        updated_at=row.updated_at,
        version=row.version,
    )
