"""`trivium train`, `predict` and `evaluate`: from a file of examples to a measured version, without writing code."""

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, progress, say, table, training
from core.cli.opening import known_task
from core.errors import Invalid
from core.settings import read_settings
from core.writing import write_lines

if TYPE_CHECKING:
    from core.backend.classifier import Classifier
    from core.backend.regressor import Regressor
    from core.outcomes import Labelled

DataOption = Annotated[
    list[Path],
    typer.Option(help='Rows of "text" and "label", or of "text" and "value" (.jsonl, .jsonl.gz, .csv, .parquet).'),
]
TrainingOption = Annotated[
    list[Path] | None,
    typer.Option(
        help='Rows of "text" and "label"; for regression of "text" and "value"; for retrieval of "query" and '
        '"passage"; for mlm and clm of "text"; for dialogue of "messages", or "text" and "reply" '
        "(.jsonl, .jsonl.gz, .csv, .parquet; for mlm and clm also .txt)."
    ),
]
Reference = Annotated[str, typer.Option("--model", help="NAME or NAME@VERSION.")]


def register(cli: typer.Typer) -> None:
    """Add the commands to the tree."""
    for command in (train, predict, evaluate):
        cli.command()(command)


def train(
    task: Annotated[
        str,
        typer.Argument(
            help="What is learned: intent, sentiment, regression, retrieval, mlm, clm, dialogue, or a task of an app."
        ),
    ],
    name: Annotated[str, typer.Option(help="What the model is called; each training adds a version.")],
    data: TrainingOption = None,
    valid: Annotated[
        list[Path] | None, typer.Option(help="Rows to measure, calibrate and stop on; else a part is held out.")
    ] = None,
    method: Annotated[str | None, typer.Option(help="full, lora or head.")] = None,
    few_shot: Annotated[bool, typer.Option("--few-shot", help="Train as for a few examples a label.")] = False,
    adversarial: Annotated[str | None, typer.Option(help="fgm or pgd: attack the word vectors in training.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all chance in the run.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Times that every example is seen.")] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Another backbone: a directory or hub id; for clm and dialogue a directory or NAME@VERSION."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="For clm without --base: an architecture, as transformers' config.json.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help='Rows of "label" and "description": learn from words; needs no --data.')
    ] = None,
    teacher: Annotated[
        list[str] | None,
        typer.Option(help="NAME or NAME@VERSION whose probabilities are learned; of several, the mean."),
    ] = None,
    unlabelled: Annotated[list[Path] | None, typer.Option(help='Rows of "text" that only the teacher labels.')] = None,
    also: Annotated[
        list[str] | None, typer.Option(metavar="TASK=FILE", help="A further data set to learn along.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Another value of the recipe, by its name on a model's card."),
    ] = None,
    licence: Annotated[str, typer.Option(help="Of the data; stands on the model's card.")] = "unknown",
    promote: Annotated[bool, typer.Option("--promote", help="Use the new version at once.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Train a new version of a model. A run that was stopped goes on with the same command."""
    from core.training.command import Order, run
    from core.training.objectives.elsewhere import Elsewhere

    named = {"method": method, "adversarial": adversarial, "seed": seed, "epochs": epochs}
    order = Order(
        task=task,
        data=tuple(data or ()),
        valid=tuple(valid or ()),
        name=name,
        few_shot=few_shot,
        chosen={**recipe_values(set_ or ()), **{name: value for name, value in named.items() if value is not None}},
        base=base or "",
        config=config,
        licence=licence,
        promote=promote,
        elsewhere=Elsewhere(labels, teacher or (), unlabelled or (), also or ()),
        command=shlex.join(["trivium", *sys.argv[1:]]),
    )
    try:
        with training() as show:
            report = run(order, read_settings(), say, show)
    except KeyboardInterrupt:
        say("Stopped. The same command goes on where it was last saved.")
        raise
    if not report:  # another process of the same training says it
        return
    if as_json:
        emit(report)
        return
    typer.echo(f"{report['model']} is trained, and {'in use' if report['active'] else 'not yet in use'}.")
    if report["metrics"]:
        table(
            [{"figure": key, **cell} for key, cell in report["metrics"].items()],
            {"figure": "on held-out rows", "value": "", "low": "95 % from", "high": "to", "n": "rows"},
        )


def recipe_values(pairs: Sequence[str]) -> dict[str, object]:
    """What `--set` changes, by name.

    pairs: NAME=VALUE
    raises: Invalid for what is no NAME=VALUE; whether the recipe knows the name is found out there
    """
    chosen: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise Invalid(f"--set {pair!r:.80} names no value", remedy="write it as --set NAME=VALUE")
        try:
            chosen[name] = json.loads(value)
        except ValueError:
            chosen[name] = value
    return chosen


def predict(
    model: Reference,
    data: Annotated[Path, typer.Option(help='Rows of "text", and "entity" where the task has one, or of "messages".')],
    out: Annotated[
        Path, typer.Option(help='Each row comes back with "prediction", and "confidence" or "low" and "high".')
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help='Add "explanation", words and weights: one more reading a word.')
    ] = False,
) -> None:
    """Predict the label of every row of a file, or its number, or write the reply to it."""
    from core.cli.replies import predict_replies, refuse, version_that_writes

    if (version := version_that_writes(model, read_settings())) is not None:
        refuse(version.ref, {"--explain": explain})
        predict_replies(version, data, out, read_settings())
        return
    from core.backend.models import open_registry
    from core.backend.regressor import Regressor
    from core.backend.trained import opened_model
    from core.training.examples import read_asked

    rows, asked = read_asked(data, known_task(open_registry(read_settings()).get(model).card.task))
    lines: list[str] = []
    with opened_model(model, read_settings()) as trained, progress("Predicting", len(rows)) as show:
        if explain and isinstance(trained, Regressor):
            raise Invalid(f"--explain is for labels, and {trained.ref} gives numbers", remedy="leave it out")
        step = 256 if explain else 4_096
        for at in range(0, len(asked), step):
            part = asked[at : at + step]
            if isinstance(trained, Regressor):
                answers = _numbers(trained, part)
            else:
                answers = _labels(trained, part, explain=explain)
            for row, said, answer in zip(rows[at:], part, answers, strict=False):
                read = {} if "text" in row.fields else {"text": said.text}
                lines.append(json.dumps({**row.fields, **read, **answer}, ensure_ascii=False, default=str))
            show(len(lines))
    write_lines(out, lines)
    say(f"{len(lines)} rows predicted with {model}; they are in {out}.")


def _labels(classifier: "Classifier", rows: "Sequence[Labelled]", *, explain: bool) -> Iterator[dict[str, Any]]:
    from core.backend.explain import explain as weigh_words

    reasons = weigh_words(classifier, rows) if explain else []
    for place, said in enumerate(classifier.predict(rows)):
        answer: dict[str, Any] = {
            "prediction": said.label,
            "confidence": round(said.confidence, 6),
            "probabilities": {label: round(p, 6) for label, p in said.probabilities.items()},
        }
        if explain:
            answer["explanation"] = [{**asdict(r), "weight": round(r.weight, 6)} for r in reasons[place]]
        yield answer


def _numbers(regressor: "Regressor", rows: "Sequence[Labelled]") -> Iterator[dict[str, Any]]:
    for said in regressor.predict(rows):
        plain = said.as_dict()
        yield {"prediction": plain.pop("value"), **plain}


def evaluate(
    model: Reference,
    data: DataOption,
    compare: Annotated[str | None, typer.Option(help="NAME@VERSION to compare with on the same rows.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots; it holds texts of the data.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the same as Markdown.")] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Also change texts and see what flips: 12 passes.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Measure a model: figures with intervals, worst errors, calibration; perplexity where it writes."""
    from core.cli.replies import evaluate_replies, refuse, version_that_writes

    if (version := version_that_writes(model, read_settings())) is not None:
        given = {"--compare": compare, "--html": html, "--markdown": markdown, "--audit": audit}
        refuse(version.ref, {option: bool(value) for option, value in given.items()})
        evaluate_replies(version, data, read_settings(), as_json=as_json)
        return
    from core.cli.measuring import measure
    from core.evaluation.findings import figure_name

    report = measure(model, data, compare, read_settings(), audit=audit)
    for path, text in ((html, report.to_html), (markdown, report.to_markdown)):
        if path is not None:
            write_lines(path, [text()])
    if as_json:
        emit(report.as_dict())
        return
    table(
        [{"figure": figure_name(key), **figure.as_dict()} for key, figure in report.figures.items()],
        {"figure": report.model, "value": "", "low": "95 % from", "high": "to", "n": "rows"},
    )
    if report.comparison is not None:
        typer.echo(f"Against {report.baseline}: {report.comparison.verdict}.")
