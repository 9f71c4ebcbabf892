"""`trivium support improve`."""

import json
import shlex
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from apps.customer_service.commands.rows import CollectionOption
from core.cli.console import JsonFlag, emit, say, table, training

BETTER, WORSE = "better", "worse"


def improve(
    collection: CollectionOption = "support",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Leave out what was said before that day (UTC).")
    ] = None,
    name: Annotated[str, typer.Option(help="What the model is called; each run adds a version.")] = "support-search",
    seed: Annotated[int, typer.Option(help="Of all chance in the run.")] = 7,
    epochs: Annotated[int | None, typer.Option(min=1, help="Times that every pair is seen.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Train an encoder on what customers and agents taught, and compare it with the one before. Promotes nothing."""
    from apps.customer_service.pipeline.learning import gather
    from core.backend.checkpoint import open_checkpoint
    from core.backend.classifier import backbone_of
    from core.backend.models import open_registry
    from core.cli.measuring import measure
    from core.cli.opening import opened_services
    from core.errors import NotFound
    from core.evaluation.ranking_report import RankingReport
    from core.settings import read_settings
    from core.training.command import Order, run
    from core.writing import write_lines

    settings = read_settings()
    with opened_services(settings) as services:
        moment = since.replace(tzinfo=UTC) if since is not None else None
        lessons = gather(services.database, services.collections.get(collection), moment)
    lessons.check()
    say(
        f"{len(lessons.learned)} pairs to learn from, {len(lessons.measured)} to compare with: {_told(lessons.counts)}."
    )
    registry = open_registry(settings)
    try:
        rivals: list[str | None] = [registry.active(name).ref, None]  # None: the backbone in use
    except NotFound:
        rivals = [None]
    settings.home.mkdir(parents=True, exist_ok=True)
    # What customers wrote lies on disk for as long as the training needs it, masked, under the house's own folder.
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="improve-") as place:
        learn, check = Path(place) / "conversations.jsonl", Path(place) / "kept-apart.jsonl"
        write_lines(learn, [json.dumps(row, ensure_ascii=False) for row in lessons.rows_to_learn()])
        write_lines(check, [json.dumps(row, ensure_ascii=False) for row in lessons.rows_to_measure()])
        order = Order(
            task="retrieval",
            data=(learn,),
            name=name,
            chosen={"seed": seed, **({"epochs": epochs} if epochs else {})},
            licence="the company's own conversations",
            command=shlex.join(["trivium", *sys.argv[1:]]),
        )
        with training() as show:
            trained = run(order, settings, say, show)
        measured = [measure(trained["model"], [check], rival, settings, audit=False) for rival in rivals]
    reports = [report for report in measured if isinstance(report, RankingReport)]
    if len(reports) < len(rivals):
        raise TypeError(f"{trained['model']} was trained to find, but is not measured as what finds")
    encoder = backbone_of(registry.open(trained["model"]), open_checkpoint(settings), settings.home).path
    is_better = reports[0].comparison.verdict == BETTER and all(r.comparison.verdict != WORSE for r in reports)
    promote = f"trivium models promote {trained['model']}" if is_better else None
    if as_json:
        emit(
            {
                "model": trained["model"],
                "lessons": lessons.counts,
                "passages_gone": lessons.gone,
                "learned": len(lessons.learned),
                "measured": len(lessons.measured),
                "passages": reports[0].passages,
                "figures": {key: figure.as_dict() for key, figure in reports[0].figures.items()},
                "comparisons": [{"with": r.baseline, **r.as_dict()["comparison"]} for r in reports],
                "encoder": str(encoder),
                "promote": promote,
            }
        )
        return
    table(
        [{"figure": key, **figure.as_dict()} for key, figure in reports[0].figures.items()],
        {
            "figure": f"{reports[0].model} on what it has not seen",
            "value": "",
            "low": "95 % from",
            "high": "to",
            "n": "n",
        },
    )
    for report in reports:
        mrr = report.comparison.mrr
        typer.echo(
            f"Against {report.baseline}, among {report.passages} passages: {report.comparison.verdict}; mean "
            f"reciprocal rank {mrr.candidate:.3f} instead of {mrr.baseline:.3f} ({mrr.low:+.3f} to {mrr.high:+.3f}, "
            f"n = {report.n})."
        )
    if promote is None:
        say(f"{trained['model']} is kept, but there is no reason to use it.")
        return
    say(f"To take it into use under its name: {promote}")
    say(
        f"The index goes on with the encoder of the settings. To search with this one, set TRIVIUM_MODEL={encoder}, "
        f"run `trivium db reembed {collection}`, and start the server anew; docs/guides/improving.md says what else "
        "changes with it."
    )


def _told(counts: dict[str, int]) -> str:
    words = {
        "thumb_up": "from answers with a thumb up",
        "chosen": "from choices",
        "published": "from published proposals",
        "draft": "from agents' drafts",
    }
    return ", ".join(f"{n} {words[origin]}" for origin, n in counts.items())
