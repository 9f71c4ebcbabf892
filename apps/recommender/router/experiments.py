"""Experiments over HTTP: made, listed, started, stopped, looked at; and who sees which arm."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.recommender.pipeline.experimenting.choosing import Chosen, choose
from apps.recommender.pipeline.experimenting.exposing import Exposing
from apps.recommender.pipeline.experimenting.guards import LOOKS_EVERY_S, Guards
from apps.recommender.pipeline.experimenting.results import results
from apps.recommender.pipeline.experimenting.showing import changes, open_experiments, shown
from apps.recommender.schemas.experiments import (
    EXPERIMENT_PATTERN,
    Assignment,
    Experiment,
    ExperimentChanges,
    ExperimentEdit,
    ExperimentList,
    ExperimentPatch,
    ExposureEdit,
    Results,
)
from apps.recommender.store.exposures import Exposures
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent

ExperimentPath = Annotated[str, Path(pattern=EXPERIMENT_PATTERN)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Make, list, show, change, results, assignment, exposures; and the job that stops arms which do harm."""
    readers, writers = [Depends(require("recommend:read"))], [Depends(require("recommend:write"))]
    experiments = open_experiments(services.database, services.clock)
    exposures = Exposures(services.database)
    exposing = Exposing(exposures, services.clock)
    guards = Guards(experiments, exposures, services.clock)
    services.scheduler.every("recommender.guard-experiments", LOOKS_EVERY_S, guards.look)

    @router.post("/experiments", dependencies=[*writers, Depends(idempotent)], status_code=201)
    def add_experiment(edit: ExperimentEdit) -> Experiment:
        """Make an experiment; it runs once it is started: `PATCH` with `{"state": "running"}`."""
        return shown(experiments.add(edit))

    @router.get("/experiments", dependencies=readers)
    def list_experiments() -> ExperimentList:
        """List all experiments, the latest first."""
        return ExperimentList(items=[shown(row) for row in experiments.all()])

    @router.get("/experiments/{experiment}", dependencies=readers)
    def show_experiment(experiment: ExperimentPath) -> Experiment:
        """Show an experiment."""
        return shown(experiments.get(experiment))

    @router.patch("/experiments/{experiment}", dependencies=writers)
    def change_experiment(experiment: ExperimentPath, patch: ExperimentPatch) -> Experiment:
        """Start or stop an experiment or an arm, change shares or guardrails; nobody moves who does not have to."""
        return shown(experiments.change(experiment, patch))

    @router.get("/experiments/{experiment}/changes", dependencies=readers)
    def list_changes(experiment: ExperimentPath) -> ExperimentChanges:
        """List what was changed since it was made, and what it was before; the latest first."""
        return changes(experiments, experiment)

    @router.get("/experiments/{experiment}/results", dependencies=readers)
    def show_results(experiment: ExperimentPath) -> Results:
        """Tell what came of each arm, and whether one may say so. Look whenever you like: it holds at all looks."""
        return results(experiments.get(experiment), exposures, services.clock())

    @router.get("/experiments/{experiment}/assignment", dependencies=readers)
    def show_assignment(experiment: ExperimentPath, query: Annotated[ExposureEdit, Query()]) -> Assignment:
        """Tell which arm somebody would see, without keeping that it was shown."""
        who = _who(query)
        return Assignment(experiment=experiment, arm=choose(experiments.get(experiment), f"{who[0]}:{who[1]}"))

    @router.post("/experiments/{experiment}/exposures", dependencies=writers)
    def expose(experiment: ExperimentPath, exposure: ExposureEdit) -> Assignment:
        """Choose an arm for somebody and keep that it was shown: for shops that build their own lists."""
        who = _who(exposure)
        arm = choose(experiments.get(experiment), f"{who[0]}:{who[1]}")
        if arm is not None:
            exposing.shown(who, [Chosen(experiment, arm)])
        return Assignment(experiment=experiment, arm=arm)


def _who(exposure: ExposureEdit) -> tuple[str, str]:
    return ("user", exposure.user) if exposure.user is not None else ("session", str(exposure.session))
