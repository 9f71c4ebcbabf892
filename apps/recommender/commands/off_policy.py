"""`trivium recommend off-policy`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say

if TYPE_CHECKING:
    from apps.recommender.pipeline.experimenting.off_policy import OffPolicy
    from apps.recommender.pipeline.experimenting.off_policy_served import Log, Question

DAY_S = 86_400.0


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("off-policy")(off_policy)


def off_policy(
    file: Annotated[
        Path | None, typer.Argument(help="Impressions of your own: .jsonl, .jsonl.gz, .csv or .parquet.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="What would have ranked: a version such as recommender@2, text, or popular.")
    ] = None,
    reward: Annotated[list[str] | None, typer.Option(help="Events that are earned; may be repeated. [click]")] = None,
    hours: Annotated[float, typer.Option(min=0.01, help="An event counts so long after the list.")] = 24.0,
    days: Annotated[float, typer.Option(min=0.01, help="Lists of the last so many days.")] = 30.0,
    places: Annotated[int, typer.Option(min=1, max=100, help="The first so many places of each list.")] = 3,
    most: Annotated[int, typer.Option(min=1, help="Most lists to look at, drawn at random.")] = 20_000,
    most_weight: Annotated[float, typer.Option(min=1, help="Where weights are cut.")] = 50.0,
    as_json: JsonFlag = False,
) -> None:
    """Estimate what another policy would have earned an impression, from what was shown by chance.

    With --model, from the lists that were served and what came of them. With a file, from rows
    `{"user", "reward", "propensity", "target"}`: who saw it, what came of it (1 for a click), the chance with which it
    was shown, and the chance with which the other policy would have shown it in the same place.
    """
    from dataclasses import asdict

    from apps.recommender.pipeline.experimenting.off_policy_files import estimate_file
    from apps.recommender.pipeline.experimenting.off_policy_served import Question

    if (file is None) == (model is None):
        raise typer.BadParameter("give a file of impressions, or --model for the lists that were served")
    if file is not None:
        found, told, caution = estimate_file(file, most_weight), {}, ""
    else:
        asked = Question(reward or ["click"], hours * 3_600, days * DAY_S, places, most)
        found, log, caution = _served(str(model), asked, most_weight)
        told = {"lists": log.lists, "lists_left_out": log.sure, "impressions_told": log.told}
    if as_json:
        emit(asdict(found) | told | {"caution": " ".join(filter(None, (found.caution, caution)))})
        return
    if told:
        shown = "that the shop says were shown" if told["impressions_told"] else "all taken as shown"
        say(f"{told['lists']:,} lists that left something to chance ({told['lists_left_out']:,} others), {shown}.")
    say(f"{found.impressions:,} impressions of {found.users:,} users.")
    say(f"They are worth {found.effective:,.0f} impressions of the other policy's.")
    for title, one in (("As shown", found.logged), ("Other policy, IPS", found.ips), ("SNIPS", found.snips)):
        say(f"{title}: {one.value:.4f} an impression (95 %: {one.low:.4f} to {one.high:.4f})")
    for words in filter(None, (found.caution, caution)):
        say(words)


def _served(model: str, asked: "Question", most_weight: float) -> "tuple[OffPolicy, Log, str]":
    """asked: with `since` in seconds before now. returns: the estimate, what it stands on, and a caution or "" """
    from dataclasses import replace

    from apps.recommender.pipeline.experimenting.off_policy_served import estimate_served
    from apps.recommender.pipeline.experimenting.replaying import Replay
    from apps.recommender.pipeline.recommending.answering import open_answering
    from core.cli.opening import opened_services

    with opened_services() as services:
        house = open_answering(services)
        house.shelf.catch_up()
        name = house.models.get(model).name
        now = services.clock().timestamp()
        with progress("Answering again", None) as show:
            replay = Replay(house, services.database, model)
            since = replace(asked, since=now - asked.since)
            found, log = estimate_served(services.database, replay.order, since, most_weight, show)
        caution = ""
        if "@" in name and services.registry.get(name).card.trained_at.timestamp() > log.earliest:
            caution = (
                f"{name} was trained after some of these lists, perhaps on what came of them, which flatters it: "
                "serve it a while beside the present one, in an experiment."
            )
    return found, log, caution
