"""`trivium recommend sample`."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("sample")(sample)


def sample(
    out: Annotated[Path, typer.Argument(help="Folder for items.jsonl, users.jsonl and events.jsonl.")],
    items: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many items.")] = 1_500,
    users: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many users.")] = 3_000,
    events: Annotated[
        int, typer.Option(min=0, max=100_000_000, help="About how many events; 0: items only.")
    ] = 120_000,
    seed: Annotated[int, typer.Option(help="Another seed is another shop.")] = 7,
    as_json: JsonFlag = False,
) -> None:
    """Write an invented shop as files that `trivium recommend import` reads: for trying out, and for speed tests."""
    from apps.recommender.sample.files import write_items, write_shop
    from core.clock import system_clock

    out.mkdir(parents=True, exist_ok=True)
    now = system_clock()
    if events:
        with progress("Writing events", None) as show:
            written = write_shop(out, now, items, users, events, seed, show)
    else:
        with progress("Writing items", items) as show:
            written = write_items(out, now, items, seed, show)
    if as_json:
        emit({"folder": str(out), **written})
    else:
        say(f"{', '.join(f'{count:,} {name}' for name, count in written.items())} written to {out}.")
