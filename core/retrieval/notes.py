"""What is known about a collection beside its documents, by name: JSON that others write. Understands none of it."""

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from core.database import Database
from core.retrieval.tables import CollectionRow, NoteRow

_NOTES = (
    select(NoteRow.name, NoteRow.value)
    .join(CollectionRow, CollectionRow.id == NoteRow.collection_id)
    .where(CollectionRow.name == bindparam("collection"))
)


def notes_of(database: Database, collection: str) -> dict[str, str]:
    """Read in every question, so without a session.

    collection: its name;  returns: JSON by name of the note; none for a collection that does not exist
    """
    with database.reading() as connection:
        rows = connection.execute(_NOTES, {"collection": collection}).all()
    return {row.name: row.value for row in rows}


def keep_note(session: Session, collection: CollectionRow, name: str, value: str | None) -> None:
    """value: JSON; None forgets the note"""
    session.execute(delete(NoteRow).where(NoteRow.collection_id == collection.id, NoteRow.name == name))
    if value is not None:
        session.execute(insert(NoteRow), [{"collection_id": collection.id, "name": name, "value": value}])
