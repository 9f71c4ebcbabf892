"""The versions of the model that answers: what their cards say, which one is in use. Opens no weights."""

from apps.recommender.schemas.versions import Figure, Versions, VersionShown
from core.backend.registry import Registry, Version
from core.backend.registry.errors import NoSuchModel


def all_versions(registry: Registry, name: str) -> Versions:
    """The newest first; an empty list where none was trained. raises: DamagedModel, DamagedPointer"""
    try:
        active = registry.active(name)
    except NoSuchModel:
        return Versions(name=name, items=[])
    found, before = reversed(registry.versions(name)), registry.before(name)
    return Versions(
        name=name,
        before=None if before is None else f"{name}@{before}",
        items=[_shown(one, active=one.number == active.number) for one in found],
    )


def promote(registry: Registry, name: str, number: int) -> VersionShown:
    """Let a version answer from the next request on. raises: NoSuchModel, NoSuchVersion, DamagedModel"""
    return _shown(registry.promote(f"{name}@{number}"), active=True)


def roll_back(registry: Registry, name: str) -> VersionShown:
    """Let the version answer again that was active before. raises: NothingBefore, NoSuchModel, DamagedModel"""
    return _shown(registry.rollback(name), active=True)


def _shown(version: Version, *, active: bool) -> VersionShown:
    card = version.card
    return VersionShown(
        ref=version.ref,
        version=version.number,
        active=active,
        trained_at=card.trained_at,
        seconds=card.seconds,
        data=", ".join(f"{one.rows:,} {one.name}" for one in card.data),
        fingerprint=" ".join(one.sha256 for one in card.data),
        figures={
            name: Figure(value=one.value, low=one.low, high=one.high, n=one.n) for name, one in card.metrics.items()
        },
        notes=card.notes,
    )
