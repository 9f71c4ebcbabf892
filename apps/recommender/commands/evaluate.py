"""`trivium recommend evaluate`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say, table


class Split(StrEnum):
    """How events are hidden."""

    LEAVE_ONE_OUT = "leave-one-out"
    TEMPORAL = "temporal"
    NEW_ITEMS = "new-items"


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("evaluate")(evaluate)


def evaluate(
    split: Annotated[
        Split,
        typer.Option(
            help="Hide each user's last event, the last tenth of the time, or all events of a tenth of the items."
        ),
    ] = Split.LEAVE_ONE_OUT,
    users: Annotated[int, typer.Option(min=2, help="Most users to measure on, at random.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of all chance in the run.")] = 7,
    budget_minutes: Annotated[
        float, typer.Option(min=0, max=10_000, help="After so long the network's training is cut short; 0: no network.")
    ] = 20.0,
    html: Annotated[Path | None, typer.Option(help="Write the report as a page.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train without some events and measure how well they are foreseen, against four baselines. Publishes nothing."""
    from apps.recommender.pipeline.evaluating.running import evaluate as run
    from apps.recommender.pipeline.learning import encoded, learnable
    from apps.recommender.pipeline.model.text_space import TextSpace
    from apps.recommender.settings import RecommenderSettings
    from apps.recommender.store.learning import read_events, read_items
    from core.cli.opening import opened_services

    with opened_services() as services:
        with services.database.session() as session:
            events, catalogue = read_events(session), read_items(session)
        learned = learnable(events, catalogue, RecommenderSettings.of(services.settings))
        with progress("Reading texts", sum(map(bool, learned.texts))) as show:
            vectors = encoded(learned.texts, services.encoder, show)
    text = TextSpace.of(vectors).project(vectors) if vectors.any() else None
    found = run(
        learned.histories,
        text,
        split=split.value,
        most=users,
        seed=seed,
        budget_s=budget_minutes * 60,
        show=say,
    )
    if html is not None:
        html.write_text(found.to_html(), encoding="utf-8")
    if as_json:
        emit(found.as_dict())
        return
    names = ("hit@10", "ndcg@10", "mrr", "coverage", "novelty")
    table(
        [
            {"ranker": ranker, **{name: f"{figures[name].value:.4f}" for name in names}}
            for ranker, figures in found.figures.items()
        ],
        {"ranker": "Ranker", **{name: name for name in names}},
    )
    if html is not None:
        say(f"The report is {html}.")
