"""`trivium recommend train`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say

if TYPE_CHECKING:
    from apps.recommender.pipeline.training import Promote


class Aim(StrEnum):
    """What lists are for."""

    NEXT = "next"
    LATER = "later"


NAME = "recommender"
LOW_PRIORITY = 10


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("train")(train)


def train(
    name: Annotated[str, typer.Option(help="What the model is called; each training adds a version.")] = NAME,
    aim: Annotated[
        Aim | None,
        typer.Option(
            help="Foresee what somebody wants next, or what is new to them in the weeks to come, as for a newsletter; "
            "left out: what the setting `aim` says."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance in the run.")] = 7,
    budget_minutes: Annotated[
        float, typer.Option(min=0, max=10_000, help="After so long the network's training is cut short; 0: no network.")
    ] = 20.0,
    promote: Annotated[bool, typer.Option("--promote", help="Use the new version at once.")] = False,
    if_not_worse: Annotated[
        bool,
        typer.Option("--promote-if-not-worse", help="Use it at once if it does no worse on the newest events."),
    ] = False,
    in_background: Annotated[
        bool, typer.Option("--in-background", help="Leave the processors to whatever else needs them.")
    ] = False,
    holding: Annotated[int | None, typer.Option(hidden=True, help="Open file with the lock, of a server.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train a recommender on all events, measure it on some that were held out, and publish it as a version.

    A training that was killed goes on where it was when the same command is given again.
    """
    import os
    import shlex
    import sys

    from apps.recommender.pipeline.learning import encoded, learnable
    from apps.recommender.pipeline.training import Order
    from apps.recommender.pipeline.training import train as run
    from apps.recommender.pipeline.trainings import alone
    from apps.recommender.settings import RecommenderSettings
    from apps.recommender.store.counting import newest_event
    from apps.recommender.store.learning import read_events, read_items
    from core.backend.checkpoint import open_checkpoint
    from core.cli.opening import opened_services

    if in_background:
        os.nice(LOW_PRIORITY)
    command = shlex.join(["trivium", *sys.argv[1:]])
    wish: Promote = "always" if promote else "if_not_worse" if if_not_worse else "never"
    with opened_services() as services, alone(services.settings.home, name, services.clock, holding=holding) as diary:

        def told(line: str) -> None:
            diary.tell(line)
            say(line)

        services.registry.draft(name)  # a name that cannot be used is said now, not after the training
        diary.tell("Reading events")
        with services.database.session() as session:
            newest, events, catalogue = newest_event(session), read_events(session), read_items(session)
        own = RecommenderSettings.of(services.settings)
        learned = learnable(events, catalogue, own)
        diary.tell("Reading texts")
        with progress("Reading texts", sum(map(bool, learned.texts))) as show:
            vectors = encoded(learned.texts, services.encoder, show)
        trained = run(
            learned,
            vectors,
            services.registry,
            services.encoder,
            Order(name, own.aim if aim is None else aim.value, seed, budget_minutes * 60, wish, command, newest),
            encoder_name=open_checkpoint(services.settings).name,
            now=services.clock(),
            home=services.settings.home,
            show=told,
        )
        diary.end(trained.outcome, trained.version.ref)
    version = trained.version
    if as_json:
        emit(
            {
                "model": version.name,
                "version": version.number,
                "seconds": round(trained.seconds, 1),
                "figures": {key: figure.as_dict() for key, figure in trained.figures.items()},
                "outcome": trained.outcome,
            }
        )
        return
    say(f"{trained.outcome} It took {trained.seconds:,.0f} s.")
    for key, figure in trained.figures.items():
        typer.echo(f"{key}: {figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}], n = {figure.n:,}")
