"""`trivium recommend experiments …`."""

from typing import Annotated, Literal

import typer

from core.cli.console import JsonFlag, emit, say, table

Experiment = Annotated[str, typer.Argument(help="Its id, as `trivium recommend experiments list` shows it.")]


def register(recommend: typer.Typer) -> None:
    """Hang the commands of this file into `trivium recommend`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_experiments)
    group.command("results")(show_results)
    group.command("start")(start)
    group.command("stop")(stop)
    group.command("guard")(guard)
    recommend.add_typer(group, name="experiments", help="Which way to recommend is better, and whether one may say so.")


def list_experiments(as_json: JsonFlag = False) -> None:
    """List all experiments, the latest first."""
    from apps.recommender.pipeline.experimenting.showing import open_experiments, shown
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        items = [shown(row).model_dump(mode="json") for row in open_experiments(database, system_clock).all()]
    if as_json:
        emit({"items": items})
    else:
        table(items, {"id": "Id", "name": "Name", "state": "State", "metric": "Decides", "started_at": "Since"})


def show_results(experiment: Experiment, as_json: JsonFlag = False) -> None:
    """Tell what came of each arm. Look whenever you like: what is said holds at all looks."""
    from apps.recommender.pipeline.experimenting.results import results
    from apps.recommender.pipeline.experimenting.showing import open_experiments
    from apps.recommender.store.exposures import Exposures
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        row = open_experiments(database, system_clock).get(experiment)
        found = results(row, Exposures(database), system_clock())
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    say(found.verdict)
    if found.caution:
        say(found.caution)
    rows = []
    for arm in found.arms:
        rate = arm.rates.get(found.metric)
        told = f"{rate.value:.4f} ({rate.low:.4f} to {rate.high:.4f})" if rate else "–"  # noqa: RUF001
        row_of = {"arm": arm.arm, "exposed": arm.exposed, "lists": arm.lists, "rate": told}
        rows.append({**row_of, "stopped": arm.stopped_because or arm.unable})
    columns = {"arm": "Arm", "exposed": "Visitors", "lists": "Lists", "rate": found.metric}
    table(rows, {**columns, "stopped": "Does not answer, because"})


def start(experiment: Experiment, as_json: JsonFlag = False) -> None:
    """Let an experiment run."""
    _set_state(experiment, "running", as_json)


def stop(experiment: Experiment, as_json: JsonFlag = False) -> None:
    """Stop an experiment; what it has shown stays."""
    _set_state(experiment, "stopped", as_json)


def guard(as_json: JsonFlag = False) -> None:
    """Look once at the guardrails of all running experiments, as the server does every minute."""
    from apps.recommender.pipeline.experimenting.guards import Guards
    from apps.recommender.pipeline.experimenting.showing import open_experiments
    from apps.recommender.store.exposures import Exposures
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        stopped = Guards(open_experiments(database, system_clock), Exposures(database), system_clock).look()
    if as_json:
        emit({"stopped": [{"experiment": experiment, "arm": arm} for experiment, arm in stopped]})
        return
    for experiment, arm in stopped:
        say(f"{arm} of {experiment} is stopped.")
    if not stopped:
        say("No arm surely does harm.")


def _set_state(experiment: str, state: Literal["running", "stopped"], as_json: bool) -> None:
    from apps.recommender.pipeline.experimenting.showing import open_experiments, shown
    from apps.recommender.schemas.experiments import ExperimentPatch
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        row = open_experiments(database, system_clock).change(experiment, ExperimentPatch(state=state))
        done = shown(row)
    if as_json:
        emit(done.model_dump(mode="json"))
    else:
        say(f"{done.name!r} is {'running' if done.state == 'running' else done.state}.")
