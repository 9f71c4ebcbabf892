"""`trivium finance improve`: a mood model from what analysts corrected."""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import JsonFlag, emit, say, training

if TYPE_CHECKING:
    from core.settings import Settings

BETTER = "better"
LIKE_BEFORE = 0.9  # of other sentences must be read as before; where less are, corrections were taken too far


def register(finance: typer.Typer) -> None:
    """Add the command to the app's group."""
    finance.command()(improve)


def improve(
    seed: Annotated[int, typer.Option(help="Of all chance in the run.")] = 7,
    epochs: Annotated[int, typer.Option(min=1, help="Times that every sentence is seen.")] = 3,
    as_json: JsonFlag = False,
) -> None:
    """Train the mood model further on what analysts corrected, compare it with the one in use. Promotes nothing."""
    from apps.finance_sentiment.pipeline.learning import gather
    from apps.finance_sentiment.settings import FinanceSettings
    from core.backend.checkpoint import open_checkpoint
    from core.backend.classifier import backbone_of
    from core.backend.models import open_registry
    from core.cli.measuring import measure
    from core.cli.opening import opened_database
    from core.evaluation.report import Report
    from core.settings import read_settings
    from core.training.command import Order, run
    from core.training.objectives.elsewhere import Elsewhere
    from core.writing import write_lines

    settings = read_settings()
    with opened_database() as database:
        lessons = gather(database)
    lessons.check()
    say(
        f"{len(lessons.learned)} corrected moods to learn from, {len(lessons.measured)} to compare with, and "
        f"{len(lessons.rehearsed)} other sentences so that nothing is forgotten."
    )
    registry = open_registry(settings)
    before = registry.open(FinanceSettings.of(settings).mood_model)
    base = backbone_of(before, open_checkpoint(settings), settings.home)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="improve-") as place:
        learn, check, along = (Path(place) / f"{name}.jsonl" for name in ("corrections", "kept-apart", "archive"))
        learned = (*lessons.learned, *lessons.stand_ins)
        for path, rows in ((learn, learned), (check, lessons.measured), (along, lessons.rehearsed)):
            write_lines(path, [json.dumps(row, ensure_ascii=False) for row in rows])
        order = Order(
            task="sentiment",
            data=(learn,),
            name=before.name,
            base=str(base.path),
            elsewhere=Elsewhere(teachers=(before.ref,), unlabelled=(along,) if lessons.rehearsed else ()),
            chosen={"seed": seed, "epochs": epochs, "learning_rate": 5e-5, "distillation_alpha": 0.8},
            licence="the company's own corrections",
            command=shlex.join(["trivium", *sys.argv[1:]]),
        )
        with training() as show:
            trained = run(order, settings, say, show)
        report = measure(trained["model"], [check], before.ref, settings, audit=False)
    if not isinstance(report, Report) or report.comparison is None:
        raise TypeError(f"{trained['model']} was trained to tell moods apart, but is not measured as what does")
    alike = _alike(trained["model"], before.ref, lessons.others, settings)
    verdict = report.comparison.verdict
    holds = alike is None or alike >= LIKE_BEFORE
    promote = f"trivium models promote {trained['model']}" if verdict == BETTER and holds else None
    if as_json:
        emit(
            {
                "model": trained["model"],
                "before": before.ref,
                "learned": len(lessons.learned),
                "measured": len(lessons.measured),
                "rehearsed": len(lessons.rehearsed),
                "comparison": report.as_dict()["comparison"],
                "like_before": alike,
                "promote": promote,
            }
        )
        return
    accuracy = report.comparison.accuracy
    typer.echo(
        f"Of {len(lessons.measured)} corrected moods that it had not seen, {trained['model']} reads "
        f"{accuracy.candidate:.0%} as the analysts do, {before.ref} {accuracy.baseline:.0%}: {verdict}."
    )
    if alike is not None:
        typer.echo(f"Of {len(lessons.others)} other sentences it reads {alike:.0%} as before.")
    if promote is None:
        say(f"{trained['model']} is kept, but there is no reason to use it.")
    else:
        say(f"To take it into use: {promote}")


def _alike(ref: str, other: str, rows: Sequence[dict[str, str]], settings: Settings) -> float | None:
    """The share of sentences that both read alike; None without any."""
    from core.backend.serving import opened_classifier
    from core.outcomes import Labelled

    if not rows:
        return None
    asked = [Labelled(row["text"], entity=row["entity"]) for row in rows]
    said: list[list[str | None]] = []
    for one in (ref, other):
        with opened_classifier(one, settings) as classifier:
            said.append([found.most_probable()[0] for found in classifier.predict(asked)])
    new, old = said
    return sum(one == other for one, other in zip(new, old, strict=True)) / len(rows)
