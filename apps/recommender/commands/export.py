"""`trivium recommend export`."""

from pathlib import Path
from typing import Annotated

import typer

from apps.recommender.commands.train import NAME
from core.cli.console import JsonFlag, emit, progress, say


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("export")(export)


def export(
    out: Annotated[Path, typer.Option(help="JSON Lines to write, or Parquet where the name ends in .parquet.")],
    k: Annotated[int, typer.Option("--k", min=1, max=10_000, help="Items for each user.")] = 20,
    users: Annotated[
        Path | None, typer.Option(help="Only these users: rows with `user` (.jsonl, .csv, .parquet) or a line each.")
    ] = None,
    exclude_seen: Annotated[bool, typer.Option("--exclude-seen", help="Without what a user had before.")] = False,
    model: Annotated[str, typer.Option(help="NAME or NAME@VERSION.")] = NAME,
    as_json: JsonFlag = False,
) -> None:
    """Write recommendations for all users: `{"user", "items"}` a line, best first.

    The file stands, or takes the place of the last one, when it is whole; a stopped run goes on where it was.
    """
    import time

    from apps.recommender.errors import NotRecommending
    from apps.recommender.pipeline.exporting import export as run
    from apps.recommender.pipeline.learning import learnable
    from apps.recommender.pipeline.model.files import NotARecommender, load
    from apps.recommender.settings import RecommenderSettings
    from apps.recommender.store.learning import read_events, read_items
    from core.backend.models import open_registry
    from core.cli.opening import opened_database
    from core.rows import read_rows
    from core.settings import read_settings

    settings = read_settings()
    version = open_registry(settings).open(model)
    try:
        stored = load(version.path)
    except NotARecommender as error:
        raise NotRecommending(f"{version.name}@{version.number}") from error
    with opened_database() as database, database.session() as session:
        learned = learnable(read_events(session), read_items(session), RecommenderSettings.of(settings))
    asked = learned.users
    if users is not None:
        column = "text" if users.suffix == ".txt" else "user"
        asked = list(dict.fromkeys(str(row.fields[column]) for row in read_rows(users, column=column)))
    began = time.perf_counter()
    with progress("Recommending", len(asked)) as show:
        ref = f"{version.name}@{version.number}"
        before = run(stored, learned, asked, out, k=k, exclude_seen=exclude_seen, version=ref, show=show)
    seconds = time.perf_counter() - began
    written = len(asked) - before
    if as_json:
        emit({"users": len(asked), "written": written, "seconds": round(seconds, 2), "model": str(version.name)})
    else:
        say(f"{written:,} users in {seconds:,.1f} s ({written / max(seconds, 1e-9):,.0f} a second); {out} is whole.")
