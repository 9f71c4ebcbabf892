"""Which conversations are wanted, as conditions in SQL."""

from sqlalchemy import ColumnElement, exists

from apps.customer_service.store.tables import ConversationRow, EntryRow


def wanted(
    *,
    state: str | None = None,
    customer: str | None = None,
    queue: str | None = None,
    agent: str | None = None,
    text: str | None = None,
) -> list[ColumnElement[bool]]:
    """Conditions that all must hold. text: somewhere in an entry, whatever its case"""
    columns = {
        ConversationRow.state: state,
        ConversationRow.customer: customer,
        ConversationRow.queue: queue,
        ConversationRow.agent: agent,
    }
    conditions = [column == value for column, value in columns.items() if value is not None]
    if text is not None:
        said = EntryRow.text.icontains(text, autoescape=True)
        conditions.append(exists().where(EntryRow.conversation_id == ConversationRow.id, said))
    return conditions
