"""`trivium finance sources …` and `trivium finance poll`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import JsonFlag, emit, say, table
from core.parsing import parse

if TYPE_CHECKING:
    from apps.finance_sentiment.pipeline.polling import Poller

KindOption = Annotated[str, typer.Option(help="feed, page or folder.")]
AddressArgument = Annotated[str, typer.Argument(help="https://…, or the path of a folder on this machine.")]


def register(finance: typer.Typer) -> None:
    """Hang the commands of this file into `trivium finance`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_sources)
    group.command("add")(add_source)
    group.command("remove")(remove_source)
    group.command("test")(try_source)
    finance.add_typer(group, name="sources", help="Feeds, pages and folders that are looked at again and again.")
    finance.command("poll")(poll)


def list_sources(as_json: JsonFlag = False) -> None:
    """List sources with how they fare."""
    from apps.finance_sentiment.pipeline.sources import shown

    with _opened() as poller:
        items = [shown(row, whole=True).model_dump() for row in poller.sources.page("", 10_000)]
    if as_json:
        emit({"items": items})
        return
    if not items:
        say("There are no sources yet: add one with `trivium finance sources add ADDRESS`.")
        return
    titles = {"id": "id", "kind": "Kind", "state": "State", "last_success_at": "Last success", "items_new": "Kept"}
    table(items, {**titles, "reason": "Reason", "address": "Address"})


def add_source(
    address: AddressArgument,
    kind: KindOption = "feed",
    source: Annotated[str | None, typer.Option("--id", help="Default: made from the address.")] = None,
    title: Annotated[str, typer.Option(help="Default: what the source calls itself.")] = "",
    every: Annotated[int, typer.Option(help="Seconds between two looks; a feed may ask for more.")] = 300,
    as_json: JsonFlag = False,
) -> None:
    """Add a source. A running server looks at it within seconds."""
    from apps.finance_sentiment.pipeline import sources as pipeline
    from apps.finance_sentiment.schemas.sources import NewSource

    new = parse(NewSource, {"kind": kind, "address": address, "id": source, "title": title, "every_seconds": every})
    with _opened() as poller:
        row = pipeline.add(poller, new)
    if as_json:
        emit(pipeline.shown(row, whole=True).model_dump())
    else:
        say(f"The source {row.id} is added.")


def remove_source(
    source: Annotated[str, typer.Argument(help="Its id.")],
    as_json: JsonFlag = False,
) -> None:
    """Remove a source; what it brought stays in the archive."""
    with _opened() as poller:
        poller.sources.remove(source)
    if as_json:
        emit({"removed": source})
    else:
        say(f"The source {source} is removed; what it brought stays.")


def try_source(address: AddressArgument, kind: KindOption = "feed", as_json: JsonFlag = False) -> None:
    """Look what a source would bring, and keep nothing."""
    from apps.finance_sentiment.pipeline import sources as pipeline
    from apps.finance_sentiment.schemas.sources import SourceQuery

    query = parse(SourceQuery, {"kind": kind, "address": address})
    with _opened() as poller:
        tested = pipeline.try_out(poller, query)
    if as_json:
        emit(tested.model_dump())
        return
    note = f" ({tested.note})" if tested.note else ""
    say(f"{tested.title or address}: {tested.items} documents{note}, such as")
    for title in tested.titles:
        say(f"  {title}")


def poll(
    once: Annotated[bool, typer.Option("--once", help="Look at all sources once, due or not, and end.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Look at sources when their time has come, until stopped. A running server does that by itself."""
    if once:
        _poll_once(as_json)
        return
    from apps.finance_sentiment.pipeline.polling import LOOKS_EVERY_S

    with _opened() as poller:
        say("Looking at sources as their time comes; Ctrl-C stops.")
        try:
            while not poller.stopping.wait(LOOKS_EVERY_S if poller.look() == 0 else 1.0):
                pass
        except KeyboardInterrupt:
            say("Stopping; looks that were begun are brought to their end.")
        finally:
            poller.stopping.set()
            poller.wait()


def _poll_once(as_json: bool) -> None:
    with _opened() as poller:
        done = [one.model_dump() for one in poller.poll_all()]
        poller.wait()
    if as_json:
        emit({"items": done})
    elif done:
        rows = [{**one, "state": "ok" if one["ok"] else "failed"} for one in done]
        titles = {"source": "Source", "state": "State", "seen": "Entries", "new": "New", "reason": "Reason"}
        table(rows, titles)
    else:
        say("There is no source to look at: add one with `trivium finance sources add ADDRESS`.")
    if done and not any(one["ok"] for one in done):
        raise typer.Exit(1)


@contextmanager
def _opened() -> Iterator["Poller"]:
    from apps.finance_sentiment.pipeline.sources import open_poller
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    with opened_database() as database:
        yield open_poller(database, read_settings(), system_clock, threading.Event())
