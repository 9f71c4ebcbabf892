"""`trivium support export`."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.errors import Invalid
from core.parsing import moment
from core.writing import drafted

FLAT = 500  # rows in one group of a Parquet file


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .jsonl or .parquet.")],
    since: Annotated[str | None, typer.Option(help="That began then or later: 2026-01-31, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="That began earlier: 2026-02-28, UTC.")] = None,
    collection: Annotated[str | None, typer.Option("--collection", help="Of this knowledge base only.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="With personal data, unmasked.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write conversations to a file, the oldest first. Personal data is masked unless you say --raw."""
    from apps.customer_service.pipeline.exporting import Mask, Wanted, rows
    from apps.customer_service.store.exporting import Exports
    from core.cli.opening import opened_database
    from core.privacy import mask

    kinds = {".jsonl": _write_lines, ".parquet": _write_parquet}
    if (write := kinds.get(out.suffix.lower())) is None:
        raise Invalid(f"{out.name} is of no known kind", remedy="name a .jsonl or .parquet file")
    wanted = Wanted(moment(since), moment(until), collection)
    cleaning = None if raw else Mask(lambda text: mask(text).text, secrets.token_bytes(16))
    written = 0
    with opened_database() as database, progress("Exporting", None) as show, drafted(out) as draft:

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal written
            for row in rows(Exports(database), wanted, cleaning):
                written += 1
                show(written)
                yield row

        write(draft, counted())
    if as_json:
        emit({"conversations": written, "masked": not raw})
    say(f"{written} conversations are in {out}, {'WITH personal data' if raw else 'personal data masked'}.")


def _write_lines(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    """A row an entry, with its conversation's columns before it; `data` and `metadata` are JSON in text."""
    import pyarrow as pa
    from pyarrow import parquet

    texts = ["id", "customer", "agent", "collection", "channel", "language", "state", "queue", "reason", "resolution"]
    texts += ["created_at", "updated_at", "handed_over_at", "first_reply_at", "resolved_at", "reopened_at"]
    texts += ["rating_comment", "metadata"]
    of_entries = ["kind", "role", "text", "author", "created_at", "thumb", "comment", "client_id", "data"]
    schema = pa.schema(
        [(name, pa.string()) for name in texts]
        + [("rating", pa.int8()), ("entry_number", pa.int32())]
        + [(f"entry_{name}", pa.string()) for name in of_entries]
    )
    with parquet.ParquetWriter(path, schema) as writer:
        waiting: list[dict[str, Any]] = []
        for row in rows:
            for entry in row["entries"] or [{}]:  # a conversation without an entry has a row too
                waiting.append(_flat(row, entry))
            if len(waiting) >= FLAT:
                writer.write_table(pa.Table.from_pylist(waiting, schema))
                waiting.clear()
        writer.write_table(pa.Table.from_pylist(waiting, schema))


def _flat(row: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in row.items() if name != "entries"}
    flat |= {f"entry_{name}": value for name, value in entry.items()}
    for name in ("metadata", "entry_data"):
        if flat.get(name) is not None:
            flat[name] = json.dumps(flat[name], ensure_ascii=False)
    return flat
