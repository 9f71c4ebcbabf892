"""`trivium support mask`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from apps.customer_service.commands.rows import json_lines, text_of
from core.cli.console import JsonFlag, emit, progress, say
from core.writing import write_lines


def mask(
    source: Annotated[Path, typer.Argument(metavar="IN", help='Rows with a "text" (.jsonl, .jsonl.gz).')],
    out: Annotated[Path, typer.Argument(metavar="OUT", help='Each row comes back with "spans" and "masked".')],
    as_json: JsonFlag = False,
) -> None:
    """Find personal data in texts, and write them out masked too. The rows keep their "text"."""
    from core.privacy import mask as mask_text

    rows = list(json_lines(source))
    lines: list[str] = []
    counts: dict[str, int] = {}
    with progress("Masking", len(rows)) as show:
        for number, row in enumerate(rows, start=1):
            masked = mask_text(text_of(row, source, may_be_empty=True))
            found = {"spans": [span.as_dict() for span in masked.spans], "masked": masked.text}
            lines.append(json.dumps({**row.fields, **found}, ensure_ascii=False))
            for span in masked.spans:
                counts[span.type] = counts.get(span.type, 0) + 1
            show(number)
    write_lines(out, lines)
    if as_json:
        emit({"rows": len(rows), "spans": dict(sorted(counts.items()))})
    say(f"{len(rows)} texts masked, {sum(counts.values())} values found; they are in {out}.")
