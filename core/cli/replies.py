"""`trivium predict` and `evaluate` of models that write: replies to conversations, continued texts, perplexity."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.backend.models import open_registry
from core.backend.registry import Version
from core.cli.console import emit, progress, say, table
from core.errors import Invalid
from core.settings import Settings
from core.writing import write_lines

WRITTEN_TOGETHER = 32  # rows between two reports of progress


def version_that_writes(model: str, settings: Settings) -> Version | None:
    """returns: None when the model is of another kind"""
    from core.generation.decoder import WRITES

    registry = open_registry(settings)
    return registry.open(model) if registry.get(model).card.objective in WRITES else None


def predict_replies(version: Version, data: Path, out: Path, settings: Settings) -> None:
    """Write each row back with what the model says: a reply in a dialogue, else how the text goes on."""
    from core.generation.conversation import Unclear, asked, conversation_of
    from core.generation.decoder import decoder_of
    from core.generation.local import open_local
    from core.rows import BadRow, read_rows

    rows, conversations = list(read_rows(data, column=None)), []
    for row in rows:
        try:
            conversations.append(asked(conversation_of(row.fields)))
        except Unclear as error:
            raise BadRow(data, row.line, str(error)) from error
    lines: list[str] = []
    model = open_local(decoder_of(version, settings))
    with progress("Writing", len(rows)) as show:
        for at in range(0, len(rows), WRITTEN_TOGETHER):
            part = conversations[at : at + WRITTEN_TOGETHER]
            if version.card.objective == "chat":
                replies = model.reply(part)
            else:
                replies = model.go_on([conversation[-1]["content"] for conversation in part])
            for row, said in zip(rows[at:], replies, strict=False):
                answer = {"prediction": said.text, "confidence": round(said.confidence, 6), "probabilities": {}}
                lines.append(json.dumps({**row.fields, **answer}, ensure_ascii=False, default=str))
            show(len(lines))
    write_lines(out, lines)
    say(f"{len(lines)} rows answered by {version.ref}; they are in {out}.")


def evaluate_replies(version: Version, data: Sequence[Path], settings: Settings, *, as_json: bool) -> None:
    """Print how surprised the model is by the replies of conversations, or by texts."""
    from core.evaluation.perplexity import measure_perplexity
    from core.generation.decoder import decoder_of
    from core.generation.local import open_local
    from core.training.conversations import read_conversations
    from core.training.texts import read_texts

    if version.card.objective == "chat":
        conversations = read_conversations(data)
        rows, fingerprint = len(conversations.rows), conversations.fingerprint
        found = open_local(decoder_of(version, settings)).of_replies(conversations.rows)
    else:
        texts = read_texts(data)
        rows, fingerprint = len(texts.rows), texts.fingerprint
        found = open_local(decoder_of(version, settings)).of_texts(texts.rows)
    if not len(found.nats):
        raise Invalid(f"no conversation is short enough for {version.ref} to read", remedy="give shorter ones")
    if left_out := rows - len(found.nats):
        say(f"{left_out} conversations are left out: {version.ref} cannot read even their last turn.")
    figures = measure_perplexity(found.nats, found.tokens, found.bytes)
    told: dict[str, Any] = {name: figure.as_dict() for name, figure in figures.items()}
    if as_json:
        emit({"model": version.ref, "data": fingerprint[:16], "n": rows, "figures": told})
        return
    table(
        [{"figure": name.replace("_", " "), **cells} for name, cells in told.items()],
        {"figure": version.ref, "value": "", "low": "95 % from", "high": "to", "n": "rows"},
    )


def refuse(model: str, options: dict[str, bool]) -> None:
    """raises: Invalid when an option was chosen that only models of labels know"""
    for option, is_chosen in options.items():
        if is_chosen:
            raise Invalid(f"{option} is for models that give labels, and {model} writes", remedy="leave it out")
