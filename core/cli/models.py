"""`trivium models`: the backbone and the trained models: look at them, choose, carry elsewhere."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, say, table
from core.errors import Invalid, TriviumError
from core.settings import read_settings

if TYPE_CHECKING:
    from core.backend.registry import Card, Metric, Registry, Version

group = typer.Typer(
    help="Models: list, show, compare, average, promote, roll back, export, import.", no_args_is_help=True
)

RefArgument = Annotated[str, typer.Argument(metavar="REF", help="NAME, NAME@3, NAME@active or NAME@latest.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A model's name, as `trivium models list` shows it.")]


@group.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the backbone in use and all versions of the trained models."""
    from core.backend.checkpoint import open_checkpoint

    checkpoint = open_checkpoint(read_settings())
    backbone = {
        "name": checkpoint.name,
        "dimensions": checkpoint.dim,
        "max_tokens": checkpoint.max_tokens,
        "fingerprint": checkpoint.fingerprint[:16],
    }
    registry = _registry()
    rows = [row for name in registry.names() for row in _rows(registry, name)]
    if as_json:
        emit({"models": [backbone, *rows]})
        return
    table([backbone], {key: key.replace("_", " ") for key in backbone})
    if rows:
        typer.echo("")
        table([{**row, **_plain(row)} for row in rows], {key: key.replace("_", " ") for key in SHOWN})


@group.command()
def show(ref: RefArgument, as_json: JsonFlag = False) -> None:
    """Print a version's card as Markdown: data, recipe, how good it is."""
    registry = _registry()
    version = registry.get(ref)
    if not as_json:
        typer.echo(version.card.to_markdown())
        return
    emit(
        {
            "name": version.name,
            "version": version.number,
            "active": version.number == _active(registry, version.name),
            "shipped": version.shipped,
            "fingerprint": version.fingerprint,
            "files": version.manifest.model_dump()["files"],
            "card": version.card.model_dump(mode="json"),
        }
    )


@group.command()
def compare(
    ref: RefArgument,
    other: Annotated[str, typer.Argument(metavar="REF", help="Another one.")],
    as_json: JsonFlag = False,
) -> None:
    """Put the metrics of two versions side by side, as their cards say."""
    registry = _registry()
    a, b = registry.get(ref), registry.get(other)
    metrics = {name: _side_by_side(a.card, b.card, name) for name in {**a.card.metrics, **b.card.metrics}}
    same_data = {data.sha256 for data in a.card.data} == {data.sha256 for data in b.card.data}
    if as_json:
        emit({"a": a.ref, "b": b.ref, "same_data": same_data, "metrics": metrics})
        return
    rows = [
        {
            "metric": name,
            "a": _text(a.card.metrics.get(name)),
            "b": _text(b.card.metrics.get(name)),
            "difference": None if found["difference"] is None else f"{found['difference']:+.4g}",
        }
        for name, found in metrics.items()
    ]
    table(rows, {"metric": "metric", "a": a.ref, "b": b.ref, "difference": "difference"})
    if not same_data:
        say("Their cards name different data: the numbers may not be comparable.")


@group.command()
def average(
    refs: Annotated[list[str], typer.Argument(metavar="REF…", help="Versions of one task and one backbone.")],
    name: Annotated[str, typer.Option(help="What the mean is called; it becomes the next version of that name.")],
    valid: Annotated[
        list[Path], typer.Option(help="Rows that none of them learned from, to calibrate and measure on.")
    ],
    share: Annotated[list[float] | None, typer.Option(help="Of each version, in order; else all count alike.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make one version of several by the weighted mean of their weights: often better than each, and as fast as one."""
    from core.app import installed_apps
    from core.backend.checkpoint import open_checkpoint
    from core.clock import system_clock
    from core.tasks import find_task
    from core.training.averaging import Part, average
    from core.training.examples import read_examples

    settings, registry = read_settings(), _registry()
    shares = share or [1 / len(refs)] * len(refs)
    if len(shares) != len(refs):
        raise Invalid(
            f"{len(refs)} versions are named, but {len(shares)} shares", remedy="give one --share for each, or none"
        )
    versions = [registry.open(ref) for ref in refs]
    task = find_task(versions[0].card.task, [task for app in installed_apps()[0] for task in app.tasks])
    made = average(
        [Part(version, part) for version, part in zip(versions, shares, strict=True)],
        name,
        read_examples(valid, task),
        base=open_checkpoint(settings),
        registry=registry,
        home=settings.home,
        task=task,
        clock=system_clock,
        command=shlex.join(["trivium", *sys.argv[1:]]),
    )
    if as_json:
        emit({"model": made.ref, "metrics": made.card.model_dump(mode="json")["metrics"]})
        return
    typer.echo(made.ref)
    if made.number != _active(registry, made.name):
        say(f"It is not active yet: `trivium models promote {made.ref}`.")


@group.command()
def promote(ref: RefArgument) -> None:
    """Make a version the active one; of a bare NAME, the latest. Running servers take it with their next request."""
    version = _registry().promote(ref)
    say(f"{version.ref} is active.")


@group.command()
def rollback(name: NameArgument) -> None:
    """Go back to the version that was active before."""
    version = _registry().rollback(name)
    say(f"{version.ref} is active again.")


@group.command()
def export(
    ref: RefArgument,
    target: Annotated[Path, typer.Argument(help="A new .tar.gz, or a directory that is new or empty.")],
) -> None:
    """Copy a version elsewhere, as a directory or as one archive."""
    registry = _registry()
    archive = target.name.endswith((".tar.gz", ".tgz"))
    typer.echo(registry.export_archive(ref, target) if archive else registry.export(ref, target))


@group.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="What `trivium models export` wrote.", exists=True)],
    name: Annotated[str | None, typer.Option(help="Another name than the one on its card.")] = None,
) -> None:
    """Add an exported version as the next version of its name."""
    registry = _registry()
    version = registry.import_(path, name)
    typer.echo(version.ref)
    if version.number != _active(registry, version.name):
        say(f"It is not active yet: `trivium models promote {version.ref}`.")


@group.command()
def delete(ref: RefArgument, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete a version and its files. The active one only when there is no other."""
    registry = _registry()
    version = registry.get(ref)
    if not yes:
        only = " and with it the model" if len(registry.versions(version.name)) == 1 else ""
        typer.confirm(f"Delete {version.ref} with all its files{only}?", abort=True)
    registry.delete(version.ref, force=True)
    say(f"{version.ref} is gone.")


SHOWN = ("name", "version", "active", "task", "trained_at", "metric")


def _registry() -> Registry:
    from core.backend.models import open_registry

    return open_registry(read_settings())


def _active(registry: Registry, name: str) -> int | None:
    try:
        return registry.active(name).number
    except TriviumError:  # its pointer is damaged, or names a version that somebody removed by hand
        return None


def _rows(registry: Registry, name: str) -> list[dict[str, Any]]:
    active = _active(registry, name)
    return [_row(version, version.number == active) for version in registry.versions(name)]


def _row(version: Version, active: bool) -> dict[str, Any]:
    row = {"name": version.name, "version": version.number, "active": active, "shipped": version.shipped}
    try:
        card = version.card
    except TriviumError:  # one unreadable card must not hide the others
        return {**row, "damaged": True, "task": None, "trained_at": None, "metric": None}
    metric = {"name": found[0], **found[1].model_dump()} if (found := card.main_metric()) else None
    return {
        **row,
        "damaged": False,
        "task": card.task,
        "trained_at": f"{card.trained_at:%Y-%m-%dT%H:%M:%SZ}",
        "metric": metric,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    metric = row["metric"]
    return {
        "version": f"{row['version']} (shipped)" if row["shipped"] else row["version"],
        "active": "active" if row["active"] else "",
        "task": "its card is damaged" if row["damaged"] else row["task"],
        "metric": f"{metric['name']} {metric['value']:.4g} [{metric['low']:.4g}, {metric['high']:.4g}]"
        if metric
        else "",
    }


def _side_by_side(a: Card, b: Card, name: str) -> dict[str, Any]:
    left, right = a.metrics.get(name), b.metrics.get(name)
    return {
        "a": left and left.model_dump(),
        "b": right and right.model_dump(),
        "difference": right.value - left.value if left and right else None,
    }


def _text(metric: Metric | None) -> str | None:
    return None if metric is None else f"{metric}, n = {metric.n}"
