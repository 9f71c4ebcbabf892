"""Experiments as they are shown, and opened over one database."""

from apps.recommender.pipeline.experimenting.choosing import Slots
from apps.recommender.schemas.experiments import Experiment, ExperimentChange, ExperimentChanges
from apps.recommender.store.experiment_tables import ExperimentRow
from apps.recommender.store.experiments import Experiments
from core.clock import Clock
from core.database import Database


def open_experiments(database: Database, clock: Clock) -> Experiments:
    """The experiments of a database."""
    return Experiments(database, clock, Slots())


def shown(row: ExperimentRow) -> Experiment:
    """An experiment as people see it."""
    return Experiment.model_validate({name: getattr(row, name) for name in Experiment.model_fields})


def changes(experiments: Experiments, experiment: str) -> ExperimentChanges:
    """What was changed, as people see it. raises: NoSuchExperiment"""
    fields = ExperimentChange.model_fields
    rows = experiments.changes(experiment)
    return ExperimentChanges(items=[ExperimentChange(**{name: getattr(row, name) for name in fields}) for row in rows])
