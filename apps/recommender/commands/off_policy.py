"""`trivium recommend off-policy`."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, say


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("off-policy")(off_policy)


def off_policy(
    file: Annotated[Path, typer.Argument(help="Impressions: .jsonl, .jsonl.gz, .csv or .parquet.")],
    most_weight: Annotated[float, typer.Option(min=1, help="Where weights are cut.")] = 50.0,
    as_json: JsonFlag = False,
) -> None:
    """Estimate what another policy would have earned an impression, from impressions logged with their propensity.

    A row is `{"user", "reward", "propensity", "target"}`: who saw it, what came of it (1 for a click), the chance with
    which it was shown, and the chance with which the other policy would have shown it in the same place.
    """
    from dataclasses import asdict

    from apps.recommender.pipeline.experimenting.off_policy_files import estimate_file

    found = estimate_file(file, most_weight)
    if as_json:
        emit(asdict(found))
        return
    say(f"{found.impressions:,} impressions of {found.users:,} users.")
    say(f"They are worth {found.effective:,.0f} impressions of the other policy's.")
    for title, one in (("As shown", found.logged), ("Other policy, IPS", found.ips), ("SNIPS", found.snips)):
        say(f"{title}: {one.value:.4f} an impression (95 %: {one.low:.4f} to {one.high:.4f})")
    if found.caution:
        say(found.caution)
