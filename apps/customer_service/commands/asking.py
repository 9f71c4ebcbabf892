"""`trivium support search` and `ask`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from apps.customer_service.commands.rows import CollectionOption, json_lines
from core.cli.console import JsonFlag, emit, progress, say
from core.writing import write_lines

InternalFlag = Annotated[bool, typer.Option("--internal", help="Read internal documents too.")]


def search(
    queries: Annotated[Path, typer.Option(help='Rows with a "text", and "turns" for follow-ups (.jsonl, .jsonl.gz).')],
    out: Annotated[Path, typer.Option(help='Each row comes back with "hits", "confidence" and "action".')],
    collection: CollectionOption = "support",
    k: Annotated[int, typer.Option(min=1, max=1_000)] = 10,
    internal: InternalFlag = False,
) -> None:
    """Search for many queries at once."""
    from apps.customer_service.pipeline.asking import HITS, verdict, weigh
    from apps.customer_service.pipeline.confidence import calibration_of
    from apps.customer_service.schemas.asking import Turn
    from apps.customer_service.settings import SupportSettings
    from core.cli.opening import opened_services

    rows = [row.fields for row in json_lines(queries)]
    with opened_services() as services, progress("Searching", len(rows)) as show:
        settings = SupportSettings.of(services.settings)
        target = services.collections.get(collection)
        calibration = calibration_of(target)
        lines = []
        for done, row in enumerate(rows, start=1):
            turns = [
                Turn(role="user" if t["role"] == "user" else "agent", text=t["text"]) for t in row.get("turns", [])
            ]
            text = row.get("text") or (turns.pop().text if turns else "")
            evidence = weigh(target, text, turns, "internal" if internal else "public", max(k, HITS))
            probability, action = verdict(evidence, calibration, settings)
            found = [
                {"id": hit.id, "score": round(hit.score, 6), "text": hit.passage.text} for hit in evidence.hits[:k]
            ]
            said = {"hits": found, "confidence": probability, "action": action}
            lines.append(json.dumps({**row, **said}, ensure_ascii=False))
            show(done)
    write_lines(out, lines)
    say(f"{len(lines)} queries searched; hits are in {out}.")


def ask(
    question: Annotated[str, typer.Argument(help="A customer's question.")],
    collection: CollectionOption = "support",
    internal: InternalFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Answer a question from the knowledge base, or say that it does not know."""
    from apps.customer_service.pipeline.answering import reply
    from apps.customer_service.pipeline.asking import ask as answer_question
    from apps.customer_service.pipeline.drafting import open_drafter
    from apps.customer_service.schemas.asking import AskQuery
    from apps.customer_service.settings import SupportSettings
    from core.cli.opening import opened_services
    from core.parsing import parse

    query = parse(
        AskQuery, {"question": question, "collection": collection, "audience": "internal" if internal else "public"}
    )
    with opened_services() as services:
        settings, drafter = SupportSettings.of(services.settings), services.once(open_drafter)
        target = services.collections.get(collection)
        answer = reply(query, lambda one: answer_question(one, target, settings, drafter))
    if as_json:
        emit(answer.model_dump())
        return
    typer.echo(answer.answer)
    for citation in answer.citations:
        where = " > ".join(dict.fromkeys([citation.title, *citation.heading]))
        typer.echo(f"  [{citation.number}] {where} ({citation.source}, characters {citation.start}-{citation.end})")
    for suggestion in answer.suggestions:
        typer.echo(f"  near: {suggestion.title}")
    if answer.confidence is not None:
        say(f"{answer.confidence_words}, {answer.confidence:.2f}")
    if answer.fallback:
        say(f"The chat model's draft was not used ({answer.fallback}).")
