"""Versions of the model that answers over HTTP: listed, promoted, rolled back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.recommender.pipeline import versions
from apps.recommender.schemas.versions import Versions, VersionShown
from core.auth.access import require
from core.backend.registry import Registry


def add_routes(router: APIRouter, registry: Registry, name: str) -> None:
    """List, promote, roll back. name: of the setting `served_model`"""

    @router.get("/versions", dependencies=[Depends(require("recommend:read"))])
    def list_versions() -> Versions:
        """List the trained versions with their figures, the newest first."""
        return versions.all_versions(registry, name)

    @router.post("/versions/{version}/promote", dependencies=[Depends(require("recommend:write"))])
    def promote_version(version: Annotated[int, Path(ge=0, lt=2**31)]) -> VersionShown:
        """Let a version answer from the next request on."""
        return versions.promote(registry, name, version)

    @router.post("/versions/roll-back", dependencies=[Depends(require("recommend:write"))])
    def roll_back_version() -> VersionShown:
        """Let the version answer again that was active before."""
        return versions.roll_back(registry, name)
