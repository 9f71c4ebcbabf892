"""`trivium finance read`: read what was captured while no server ran."""

from __future__ import annotations

from contextlib import nullcontext

import typer

from core.cli.console import JsonFlag, emit, progress, say


def register(finance: typer.Typer) -> None:
    """Add the command to the app's group."""
    finance.command()(read)


def read(as_json: JsonFlag = False) -> None:
    """Read the captured documents that wait. A running server does that by itself, within a second."""
    from apps.finance_sentiment.pipeline.entities import LiveEntities, open_entities
    from apps.finance_sentiment.pipeline.mood import MoodReader
    from apps.finance_sentiment.pipeline.reading import DocumentReader
    from apps.finance_sentiment.pipeline.scoring import Scorer
    from apps.finance_sentiment.pipeline.stories import Stories
    from apps.finance_sentiment.settings import FinanceSettings
    from apps.finance_sentiment.store.readings import Readings
    from core.backend.serving import opened_classifier
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    settings = read_settings()
    own = FinanceSettings.of(settings)
    documents = readings = 0
    with opened_database() as database, opened_classifier(own.mood_model, settings) as classifier:
        live = LiveEntities(open_entities(database, system_clock, own))
        scorer = Scorer(live, MoodReader(lambda: nullcontext(classifier)), own.enough_from)
        reader = DocumentReader(database, scorer, Stories(database, system_clock, own.story_hours), system_clock)
        with progress("Reading documents", Readings(database).count_waiting()) as show:
            while (done := reader.read_batch()).documents:
                documents, readings = documents + done.documents, readings + done.readings
                show(documents)
    if as_json:
        emit({"documents": documents, "readings": readings, "model": classifier.ref})
    else:
        say(f"{documents} documents read by {classifier.ref}; they say something of companies {readings} times.")
