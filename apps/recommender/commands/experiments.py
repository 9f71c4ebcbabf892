"""`trivium recommend experiments …`."""

from typing import Annotated, Any, Literal

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
    group.command("guardrails")(guardrails)
    group.command("changes")(list_changes)
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


def guardrails(
    experiment: Experiment,
    may_change: Annotated[
        list[str] | None,
        typer.Option(
            help="A guardrail that holds from now on, as METRIC=SHARE, such as dislikes=0.2; may be repeated."
        ),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Let nothing be guarded.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show what no arm may make worse, or say it anew, also while the experiment runs."""
    from apps.recommender.pipeline.experimenting.showing import open_experiments, shown
    from apps.recommender.schemas.experiments import ExperimentPatch, GuardrailEdit
    from core.cli.opening import opened_database
    from core.clock import system_clock

    if may_change and none:
        raise typer.BadParameter("give either --may-change or --none")
    said = [_guardrail(GuardrailEdit, one) for one in may_change or []]
    with opened_database() as database:
        experiments = open_experiments(database, system_clock)
        if said or none:
            experiments.change(experiment, ExperimentPatch(guardrails=said))
        held = shown(experiments.get(experiment)).guardrails
    if as_json:
        emit({"guardrails": [one.model_dump(mode="json") for one in held]})
        return
    for one in held:
        say(f"{one.metric} may change by {one.may_change:.0%} of the control's.")
    if not held:
        say("Nothing is guarded.")


def list_changes(experiment: Experiment, as_json: JsonFlag = False) -> None:
    """List what was changed since the experiment was made, and what it was before; the latest first."""
    from apps.recommender.pipeline.experimenting.showing import changes, open_experiments
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        found = changes(open_experiments(database, system_clock), experiment)
    if as_json:
        emit(found.model_dump(mode="json"))
        return
    rows = [
        {"version": one.version, "at": one.at, "what": name, "before": one.before[name], "after": one.after[name]}
        for one in found.items
        for name in one.after
    ]
    titles = {"version": "Version", "at": "When", "what": "What", "before": "Before", "after": "After"}
    table(rows, titles)


def _guardrail(edit: Any, written: str) -> Any:
    from pydantic import ValidationError

    metric, _, share = written.partition("=")
    try:
        return edit.model_validate({"metric": metric.strip(), "may_change": share.strip()})
    except ValidationError:
        raise typer.BadParameter(
            f"{written!r:.60} is no guardrail: write METRIC=SHARE, such as dislikes=0.2, with a metric of click_rate, "
            "conversion, revenue and dislikes and a share from 0 to 1"
        ) from None


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
