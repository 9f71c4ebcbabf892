"""Companies between SQL and the wire."""

from apps.finance_sentiment.schemas.entities import Entity
from apps.finance_sentiment.store.entity_tables import EntityRow


def shown(row: EntityRow) -> Entity:
    """A row as it is sent."""
    return Entity.model_validate(row, from_attributes=True)
