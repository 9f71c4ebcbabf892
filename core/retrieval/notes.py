"""What is known about a collection beside its documents, by name: JSON that others write and read. Understands none of it."""

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from core.database import Database
from core.retrieval.tables import CollectionRow, NoteRow

_NOTES = select(NoteRow.name, NoteRow.value).where(NoteRow.collection_id == bindparam("collection_id"))


def notes_of(database: Database, collection_id: int) -> dict[str, str]:
    """Read in every question, so without a session. returns: JSON by name"""
    with database.reading() as connection:
        return {name: value for name, value in connection.execute(_NOTES, {"collection_id": collection_id})}


def keep_note(session: Session, collection: CollectionRow, name: str, value: str | None) -> None:
    """value: JSON; None forgets the note"""
    session.execute(delete(NoteRow).where(NoteRow.collection_id == collection.id, NoteRow.name == name))
    if value is not None:
        session.execute(insert(NoteRow), [{"collection_id": collection.id, "name": name, "value": value}])
