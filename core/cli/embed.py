"""`trivium embed`: a file of texts in, a file of vectors out."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.settings import read_settings


def register(cli: typer.Typer) -> None:
    """Add the command to the tree."""
    cli.command()(embed)


def embed(
    source: Annotated[Path, typer.Argument(help="Rows with a `text`: .jsonl, .jsonl.gz, .csv, .parquet or .txt.")],
    target: Annotated[Path, typer.Argument(help="A .npy file: one float32 unit vector a row, in order.")],
    as_json: JsonFlag = False,
) -> None:
    """Embed texts with the shared Transformer."""
    from core.backend.open import open_encoder
    from core.embedding_files import embed_file

    encoder = open_encoder(read_settings())
    try:
        with progress("Embedding texts", None) as show:
            report = embed_file(encoder, source, target, show)
    finally:
        encoder.close()
    if as_json:
        emit({"texts": report.texts, "dimensions": encoder.dim, "seconds": round(report.seconds, 3)})
    else:
        say(f"{report.texts} texts embedded into {target} in {report.seconds:.1f} s.")
