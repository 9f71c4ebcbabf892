"""`trivium recommend train`."""

from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say

NAME = "recommender"


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("train")(train)


def train(
    name: Annotated[str, typer.Option(help="What the model is called; each training adds a version.")] = NAME,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance in the run.")] = 7,
    budget_minutes: Annotated[
        float, typer.Option(min=0, max=10_000, help="After so long the network's training is cut short; 0: no network.")
    ] = 20.0,
    promote: Annotated[bool, typer.Option("--promote", help="Use the new version at once.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Train a recommender on all events, measure it on some that were held out, and publish it as a version."""
    import shlex
    import sys

    from apps.recommender.pipeline.learning import encoded, learnable
    from apps.recommender.pipeline.training import train as run
    from apps.recommender.settings import RecommenderSettings
    from apps.recommender.store.learning import read_events, read_items
    from core.backend.checkpoint import open_checkpoint
    from core.cli.opening import opened_services

    with opened_services() as services:
        with services.database.session() as session:
            events, catalogue = read_events(session), read_items(session)
        learned = learnable(events, catalogue, RecommenderSettings.of(services.settings))
        with progress("Reading texts", sum(map(bool, learned.texts))) as show:
            vectors = encoded(learned.texts, services.encoder, show)
        trained = run(
            learned,
            vectors,
            services.registry,
            services.encoder,
            encoder_name=open_checkpoint(services.settings).name,
            name=name,
            seed=seed,
            budget_s=budget_minutes * 60,
            promote=promote,
            now=services.clock(),
            command=shlex.join(["trivium", *sys.argv[1:]]),
            show=say,
        )
    version = trained.version
    if as_json:
        emit(
            {
                "model": version.name,
                "version": version.number,
                "seconds": round(trained.seconds, 1),
                "figures": {key: figure.as_dict() for key, figure in trained.figures.items()},
            }
        )
        return
    say(f"{version.name}@{version.number} is published after {trained.seconds:,.0f} s.")
    for key, figure in trained.figures.items():
        typer.echo(f"{key}: {figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}], n = {figure.n:,}")
