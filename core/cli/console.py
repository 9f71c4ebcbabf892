"""How commands speak: a progress bar on a terminal, plain lines elsewhere, one JSON object with --json."""

import json
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def emit(value: object) -> None:
    """Print one JSON object on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def say(line: str) -> None:
    """A line for a person; kept off standard output, which belongs to results."""
    typer.echo(line, err=True)


def table(rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    """Print rows as a table. columns: key → title"""
    from rich.console import Console
    from rich.table import Table

    grid = Table(*columns.values(), box=None, pad_edge=False, header_style="bold")
    for row in rows:
        grid.add_row(*("" if row.get(key) is None else str(row[key]) for key in columns))
    Console(width=None if sys.stdout.isatty() else 160).print(grid)


@contextmanager
def training() -> Iterator[Callable[[str, Any], None]]:
    """Show a training: stage, loss, speed, time left. Yields a function that takes the stage and where it is."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("")
            yield lambda stage, at: bar.update(
                task,
                total=at.steps,
                completed=at.step,
                description=f"{stage}{_loss(at.loss)}, {at.rate:.1f} steps/s",
            )
        return
    last = [("", -1)]

    def line(stage: str, at: Any) -> None:
        tenth = (stage, 10 * at.step // at.steps)
        if tenth != last[0]:
            last[0] = tenth
            say(f"{stage}: step {at.step} of {at.steps}{_loss(at.loss)}, {at.rate:.1f}/s, {at.left_s:.0f} s left")

    yield line


def _loss(loss: float) -> str:
    """Not a number where nothing is learned yet."""
    return "" if math.isnan(loss) else f", loss {loss:.3f}"


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how far long work is. Yields a function that takes the amount done so far."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)
        return
    last = [-1]

    def line(done: int) -> None:
        doubled = done if done >= 2 * max(last[0], 500) else last[0]
        step = 10 * done // total if total else doubled
        if step != last[0]:
            last[0] = step
            say(f"{title}: {done:,}" + (f" of {total:,}" if total else ""))

    yield line
