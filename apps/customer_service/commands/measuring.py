"""`trivium support evaluate` and `calibrate`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from apps.customer_service.commands.rows import CollectionOption, json_lines
from core.cli.console import JsonFlag, emit, progress, say
from core.writing import write_lines


def evaluate(
    questions: Annotated[
        Path | None, typer.Option(help='Rows of "text", "documents", "turns"?, "kind"?; default: the sample desk.')
    ] = None,
    collection: CollectionOption = "support",
    as_json: JsonFlag = False,
) -> None:
    """Measure finding, refusing and calibration on labelled questions. Default: the sample desk's test questions."""
    from apps.customer_service import sample
    from apps.customer_service.pipeline import evaluation
    from core.cli.opening import opened_services

    rows = [dict(row.fields) for row in json_lines(questions)] if questions else sample.questions("test")
    with opened_services() as services:
        if questions is None:
            sample.load_knowledge(services)
        report = evaluation.evaluate(evaluation.read_questions(rows), services.collections.get(collection))
    if as_json:
        emit(report)
        return
    for line in _report_lines(report):
        typer.echo(line)


def calibrate(
    questions: Annotated[Path | None, typer.Option(help="Labelled questions; default: the sample desk's.")] = None,
    collection: CollectionOption = "support",
    out: Annotated[Path | None, typer.Option(help="Write a file (.json) instead of putting it to use.")] = None,
    most_refused: Annotated[
        float, typer.Option(min=0, max=1, help="Answerable questions that may be refused.")
    ] = 0.035,
    balanced: Annotated[bool, typer.Option("--balanced", help="Refuse where both kinds are told apart best.")] = False,
    without_gaps: Annotated[
        bool, typer.Option("--without-gaps", help="Fit as if the base listed no known gaps.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Go by the shipped calibration again.")] = False,
) -> None:
    """Fit the confidence to labelled questions; from then on live answers of this knowledge base go by it.

    Default: the sample desk's tuning questions.
    """
    from apps.customer_service import sample
    from apps.customer_service.pipeline import calibrating, evaluation
    from core.cli.opening import opened_services

    if forget:
        with opened_services() as services:
            calibrating.keep(services.collections.get(collection), None)
        say(f"{collection} goes by the shipped calibration.")
        return
    rows = [dict(row.fields) for row in json_lines(questions)] if questions else sample.questions("tune")
    with opened_services() as services, progress("Searching", len(rows)) as show:
        if questions is None:
            sample.load_knowledge(services)
        target = services.collections.get(collection)
        least = None if balanced else most_refused
        labelled = evaluation.read_questions(rows)
        fitted = calibrating.calibrate(labelled, target, least, show, without_gaps=without_gaps)
        if out is None:
            calibrating.keep(target, fitted)
    if out is not None:
        write_lines(out, [fitted.to_json().rstrip()])
    say(f"Fitted on {fitted.questions} questions; hands over below {fitted.refuse_below}.")


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    def share(cell: dict[str, Any]) -> str:
        return f"{cell['value']:.3f}  (95 % interval {cell['low']:.3f} to {cell['high']:.3f}, n = {cell['n']})"

    yield f"{report['questions']} questions, {report['answerable']} of them answerable"
    shares = [name for name, cell in report.items() if isinstance(cell, dict) and "value" in cell]
    for name in shares:
        yield f"{name.replace('_', ' '):<42}{share(report[name])}"
    yield f"{'calibration error of search (it answers)':<42}{report['calibration_error_of_search']:.3f}"
    yield f"{'calibration error of ask (the document)':<42}{report['calibration_error_of_ask']:.3f}"
    for title, part in (("kind", report["by_kind"]), ("baseline", report["baselines"])):
        for name, cells in part.items():
            first, three = cells["right_document_first"], cells["right_document_in_three"]
            yield f"{title}: {name:<40}first {first['value']:.3f}, in three {three['value']:.3f} (n = {first['n']})"
