"""Versions of the model that answers over HTTP: listed, trained, promoted, rolled back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.recommender.pipeline import versions
from apps.recommender.pipeline.retraining import Retraining
from apps.recommender.schemas.versions import Training, Trainings, Versions, VersionShown
from core.auth.access import require
from core.backend.registry import Registry


def add_routes(router: APIRouter, registry: Registry, name: str, retraining: Retraining) -> None:
    """List, train, promote, roll back. name: of the setting `served_model`"""

    @router.get("/versions", dependencies=[Depends(require("recommend:read"))])
    def list_versions() -> Versions:
        """List the trained versions with their figures, the newest first."""
        return versions.all_versions(registry, name)

    @router.get("/versions/training", dependencies=[Depends(require("recommend:read"))])
    def show_training() -> Trainings:
        """Show the training that runs, or the last one and what came of it."""
        return retraining.told()

    @router.post("/versions/train", status_code=202, dependencies=[Depends(require("recommend:write"))])
    def train_version() -> Training:
        """Begin to train a version on all events, in a process of its own; `/versions/training` tells how far it is."""
        return retraining.begin()

    @router.post("/versions/{version}/promote", dependencies=[Depends(require("recommend:write"))])
    def promote_version(version: Annotated[int, Path(ge=0, lt=2**31)]) -> VersionShown:
        """Let a version answer from the next request on."""
        return versions.promote(registry, name, version)

    @router.post("/versions/roll-back", dependencies=[Depends(require("recommend:write"))])
    def roll_back_version() -> VersionShown:
        """Let the version answer again that was active before."""
        return versions.roll_back(registry, name)
