"""`trivium finance score`: the moods of a file of texts."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say


def register(finance: typer.Typer) -> None:
    """Add the command to the app's group."""
    finance.command()(score)


def score(
    source: Annotated[Path, typer.Argument(help='Rows of "text" and perhaps "entity" (.jsonl, .csv, .parquet, .txt).')],
    target: Annotated[Path, typer.Argument(help="Written as JSON Lines: the same rows, in order, with their mood.")],
    model: Annotated[str | None, typer.Option(help="NAME or NAME@VERSION; default: the setting `mood_model`.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Read the mood of each text, or towards the entity that its row names; keep nothing."""
    from apps.finance_sentiment.pipeline.entities import LiveEntities, open_entities
    from apps.finance_sentiment.pipeline.mood import MoodReader
    from apps.finance_sentiment.pipeline.score_files import score_file
    from apps.finance_sentiment.pipeline.scoring import Scorer
    from apps.finance_sentiment.settings import FinanceSettings
    from core.backend.serving import opened_classifier
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    settings = read_settings()
    own = FinanceSettings.of(settings)
    with opened_database() as database, opened_classifier(model or own.mood_model, settings) as classifier:
        live = LiveEntities(open_entities(database, system_clock, own))
        scorer = Scorer(live, MoodReader(lambda: nullcontext(classifier)), own.enough_from)
        with progress("Reading", None) as show:
            done, ref = score_file(scorer, source, target, show)
    if as_json:
        emit({"texts": done, "model": ref, "target": str(target)})
        return
    say(f"{done} texts read by {ref}; they are in {target}." if done else f"{source.name} holds no texts.")
