"""`trivium support …`: import, search, ask, evaluate, calibrate."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.errors import Invalid
from core.writing import write_lines

CollectionOption = Annotated[str, typer.Option("--collection", help="Name of the knowledge base.")]


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("import")(import_)
    for command in (search, ask, evaluate, calibrate):
        group.command()(command)
    return group


def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: .md .html .txt .pdf .csv .jsonl .jsonl.gz")],
    collection: CollectionOption = "support",
    as_json: JsonFlag = False,
) -> None:
    """Import documents. What is unchanged is not embedded again; a file that cannot be read fails alone."""
    from apps.customer_service.pipeline.knowledge import import_paths
    from core.cli.opening import opened_services

    with opened_services() as services, progress("Importing documents", None) as show:
        done = 0

        def acknowledge(keys: Sequence[str]) -> None:
            nonlocal done
            done += len(keys)
            show(done)

        target = services.collections.ensure(collection)
        tally = import_paths(paths, target, services.settings.max_upload_bytes, acknowledge)
        services.collections.save()
    if as_json:
        emit(tally.report(collection).model_dump())
    else:
        say(
            f"{tally.searchable} documents are searchable in {collection}: {len(tally.added)} new, "
            f"{len(tally.replaced)} changed, {len(tally.unchanged)} as before."
        )
        for source in tally.failed:
            say(f"Left out {source.name}: {source.error}")
    if tally.failed:
        raise typer.Exit(1)


def search(
    queries: Annotated[Path, typer.Option(help='Rows with a "text", and "turns" for follow-ups (.jsonl, .jsonl.gz).')],
    out: Annotated[Path, typer.Option(help='Each row comes back with "hits".')],
    collection: CollectionOption = "support",
    k: Annotated[int, typer.Option(min=1, max=1_000)] = 10,
) -> None:
    """Search for many queries at once."""
    from apps.customer_service.pipeline.asking import find
    from apps.customer_service.schemas import Turn
    from core.cli.opening import opened_services

    rows = list(_read_jsonl(queries))
    with opened_services() as services, progress("Searching", len(rows)) as show:
        target = services.collections.get(collection)
        lines = []
        for done, row in enumerate(rows, start=1):
            turns = [
                Turn(role="user" if t["role"] == "user" else "agent", text=t["text"]) for t in row.get("turns", [])
            ]
            text = row.get("text") or (turns.pop().text if turns else "")
            hits = find(target, text, turns, k)
            found = [{"id": hit.id, "score": round(hit.score, 6), "text": hit.passage.text} for hit in hits]
            lines.append(json.dumps({**row, "hits": found}, ensure_ascii=False))
            show(done)
    write_lines(out, lines)
    say(f"{len(lines)} queries searched; hits are in {out}.")


def ask(
    question: Annotated[str, typer.Argument(help="A customer's question.")],
    collection: CollectionOption = "support",
    as_json: JsonFlag = False,
) -> None:
    """Answer a question from the knowledge base, or say that it does not know."""
    from apps.customer_service.pipeline.asking import ask as answer_question
    from apps.customer_service.pipeline.confidence import shipped
    from apps.customer_service.schemas import AskQuery
    from apps.customer_service.settings import SupportSettings
    from core.cli.opening import opened_services
    from core.parsing import parse

    query = parse(AskQuery, {"question": question, "collection": collection})
    with opened_services() as services:
        settings = SupportSettings(**services.settings.apps.get("customer_service", {}))
        answer = answer_question(query, services.collections.get(collection), shipped(), settings)
    if as_json:
        emit(answer.model_dump())
        return
    typer.echo(answer.answer)
    for citation in answer.citations:
        where = " > ".join(dict.fromkeys([citation.title, *citation.heading]))
        typer.echo(f"  [{citation.number}] {where} ({citation.source}, characters {citation.start}-{citation.end})")
    for suggestion in answer.suggestions:
        typer.echo(f"  near: {suggestion.title}")
    say(f"{answer.confidence_words}, {answer.confidence:.2f}")


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
    from apps.customer_service.pipeline.confidence import shipped
    from core.cli.opening import opened_services

    rows = list(_read_jsonl(questions)) if questions else sample.questions("test")
    with opened_services() as services:
        if questions is None:
            sample.load(services)
        report = evaluation.evaluate(evaluation.read_questions(rows), services.collections.get(collection), shipped())
    if as_json:
        emit(report)
        return
    for line in _report_lines(report):
        typer.echo(line)


def calibrate(
    out: Annotated[Path, typer.Option(help="Where the calibration is written (.json).")],
    questions: Annotated[Path | None, typer.Option(help="Labelled questions; default: the sample desk's.")] = None,
    collection: CollectionOption = "support",
    most_refused: Annotated[
        float, typer.Option(min=0, max=1, help="Answerable questions that may be refused.")
    ] = 0.035,
) -> None:
    """Fit the confidence to labelled questions. Default: the sample desk's tuning questions."""
    from apps.customer_service import sample
    from apps.customer_service.pipeline import evaluation
    from core.cli.opening import opened_services

    rows = list(_read_jsonl(questions)) if questions else sample.questions("tune")
    with opened_services() as services, progress("Searching", len(rows)) as show:
        if questions is None:
            sample.load(services)
        target = services.collections.get(collection)
        fitted = evaluation.calibrate(evaluation.read_questions(rows), target, most_refused, show)
    write_lines(out, [fitted.to_json().rstrip()])
    say(f"Fitted on {fitted.questions} questions; hands over below {fitted.refuse_below}.")


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    def share(cell: dict[str, Any]) -> str:
        return f"{cell['value']:.3f}  (95 % interval {cell['low']:.3f} to {cell['high']:.3f}, n = {cell['n']})"

    yield f"{report['questions']} questions, {report['answerable']} of them answerable"
    shares = [name for name, cell in report.items() if isinstance(cell, dict) and "value" in cell]
    for name in shares:
        yield f"{name.replace('_', ' '):<42}{share(report[name])}"
    yield f"{'calibration error':<42}{report['calibration_error']:.3f}"
    for title, part in (("kind", report["by_kind"]), ("baseline", report["baselines"])):
        for name, cells in part.items():
            first, three = cells["right_document_first"], cells["right_document_in_three"]
            yield f"{title}: {name:<40}first {first['value']:.3f}, in three {three['value']:.3f} (n = {first['n']})"


def _read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """raises: Invalid naming the line that cannot be read"""
    import gzip

    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read ({error})", remedy="give a UTF-8 .jsonl file") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise Invalid(f"line {number} of {path} is not JSON", remedy="write one JSON object a line") from error
        if not isinstance(row, dict):
            raise Invalid(f"line {number} of {path} is not an object", remedy="write one JSON object a line")
        yield row
