"""The registry of trained models that commands and services share: a home's own, and those of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Clock, system_clock

if TYPE_CHECKING:
    from core.backend.registry import Registry
    from core.settings import Settings


def open_registry(settings: Settings, clock: Clock = system_clock) -> Registry:
    """Reads nothing yet and leaves nothing to close; the registry's parts are imported when it is first opened."""
    from core.backend.registry import Registry
    from core.backend.shipped import shipped_versions

    return Registry(settings.home, clock, shipped_versions())
