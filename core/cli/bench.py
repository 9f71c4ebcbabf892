"""`trivium bench`: every speed that we publish, measured against a baseline in the same run."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit
from core.settings import read_settings

group = typer.Typer(help="Benchmarks: each prints its baseline from the same run.", no_args_is_help=True)


def _show(result: dict[str, object], as_json: bool) -> None:
    if as_json:
        emit(result)
        return
    width = max(len(key) for key in result)
    for key, value in result.items():
        typer.echo(f"{key.replace('_', ' '):<{width}}  {value}")


@group.command()
def encode(
    n: Annotated[int, typer.Option(min=100, help="How many texts.")] = 20_000,
    data: Annotated[Path | None, typer.Option(help="Texts of your own, rows with a `text`.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """`trivium embed` and steady state against sentence-transformers' encode of the same model."""
    from core.evaluation.bench_encode import run

    _show(run(read_settings(), n=n, data=data), as_json)


@group.command()
def search(
    n: Annotated[int, typer.Option(min=1_000, help="How many vectors.")] = 100_000,
    as_json: JsonFlag = False,
) -> None:
    """One exact query, plain and filtered, against raw FAISS flat search."""
    from core.evaluation.bench_search import run

    _show(run(n=n), as_json)


@group.command()
def serve(
    clients: Annotated[int, typer.Option(min=1, help="Clients that ask at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=1, help="How long they ask.")] = 10.0,
    rate: Annotated[
        float | None, typer.Option(min=1, help="Questions a second, of all together. Default: without a pause.")
    ] = None,
    passages: Annotated[int, typer.Option(min=0, help="Fill each collection up to so many.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Server processes.")] = 1,
    as_json: JsonFlag = False,
) -> None:
    """Start to ready, resident memory, and the apps' main requests under load, on the sample data."""
    from core.evaluation.bench_serve import Load, run

    _show(run(read_settings(), Load(clients, seconds, rate, passages, workers)), as_json)
