"""`trivium recommend import`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.errors import Invalid

if TYPE_CHECKING:
    from apps.recommender.schemas.taking import TakenEvents, TakenItems

KINDS = ".jsonl .jsonl.gz .csv .parquet"


def register(recommend: typer.Typer) -> None:
    """Hang the command of this file into `trivium recommend`."""
    recommend.command("import")(import_)


def import_(
    items: Annotated[list[Path] | None, typer.Option(help=f"Items: {KINDS}. May be given several times.")] = None,
    users: Annotated[list[Path] | None, typer.Option(help=f"Users: {KINDS}.")] = None,
    events: Annotated[list[Path] | None, typer.Option(help=f"Events: {KINDS}.")] = None,
    moods: Annotated[bool, typer.Option(help="Read the mood of comments now; otherwise a server does it.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Bring items, users and events in. Good rows are kept, bad ones are told; the same file twice changes nothing.

    What was stopped in the middle is simply run again. A row of items has `id` and `title`; of users `id`; of events
    `user` (or `session`), `item`, `type` and `timestamp`, and may have `id`, `value` and `text`.
    """
    from apps.recommender.pipeline.ingesting.importing import import_events, import_items, import_users
    from apps.recommender.settings import RecommenderSettings
    from apps.recommender.store.comments import Comments
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    if not (items or users or events):
        raise Invalid("nothing to import was named", remedy="give `--items`, `--users` or `--events`")
    house = read_settings()
    settings = RecommenderSettings.of(house)
    with opened_database() as database:
        taken_items = import_items(database, system_clock, items or [], progress)
        taken_users = import_users(database, system_clock, users or [], progress)
        began = time.perf_counter()
        taken_events = import_events(database, system_clock, settings, events or [], progress)
        seconds = time.perf_counter() - began
        waiting = Comments(database).count_waiting()
    read = _read_comments(waiting) if moods and waiting else 0
    if as_json:
        emit(
            {
                "items": _summed(taken_items),
                "users": _summed(taken_users),
                "events": {**_summed(taken_events), "seconds": round(seconds, 3)},
                "comments": {"read": read, "waiting": waiting - read},
            }
        )
        return
    _say_kept("items", taken_items)
    _say_kept("users", taken_users)
    _say_events(taken_events, seconds)
    if read:
        say(f"The mood of {read:,} comments was read.")
    if waiting > read:
        say(f"{waiting - read:,} comments wait for their mood: a running server reads them.")


def _read_comments(waiting: int) -> int:
    from apps.recommender.pipeline.ingesting.moods import open_comments
    from core.cli.opening import opened_services

    with opened_services() as services, progress("Reading comments", waiting) as show:
        return open_comments(services).read_all(show)


def _summed(taken: Mapping[Path, TakenItems | TakenEvents]) -> dict[str, Any]:
    """All files of a kind together; faults with their file."""
    total: dict[str, Any] = {"faults": []}
    for path, one in taken.items():
        for name, value in one.model_dump().items():
            if isinstance(value, int):
                total[name] = total.get(name, 0) + value
            elif name == "faults":
                total["faults"] += [{"file": path.name, **fault} for fault in value]
            else:
                total[name] = sorted({*total.get(name, []), *value})
    return total


def _say_kept(what: str, taken: Mapping[Path, TakenItems]) -> None:
    if not taken:
        return
    total = _summed(taken)
    known = f", of which events had named {total['completed']:,}" if total["completed"] else ""
    say(
        f"{total['added'] + total['completed']:,} {what} are new{known}; {total['changed']:,} changed, "
        f"{total['unchanged']:,} are as they were."
    )
    _say_faults(what, total)


def _say_events(taken: Mapping[Path, TakenEvents], seconds: float) -> None:
    if not taken:
        return
    total = _summed(taken)
    rate = total["received"] / seconds if seconds else 0
    say(f"{total['added']:,} events are new, {total['known']:,} were known ({rate:,.0f} rows a second).")
    for count, what in (
        (total["new_items"], "items are named by events only; send them when you can."),
        (total["erased"], "events are of people who were erased, and stay out."),
        (total["without_consent"], "events are of people who refused consent, and were not kept."),
    ):
        if count:
            say(f"{count:,} {what}")
    if total["ignored_fields"]:
        say(f"Events have no {', '.join(total['ignored_fields'])}: those columns were left alone.")
    _say_faults("events", total)


def _say_faults(what: str, total: Mapping[str, Any]) -> None:
    faults: Sequence[Mapping[str, Any]] = total["faults"]
    for fault in faults:
        say(f"{fault['file']}, line {fault['line']}: {fault['problem']}.")
    if total["rejected"]:
        more = f"; the first {len(faults)} stand above" if total["rejected"] > len(faults) else ""
        say(f"{total['rejected']:,} rows of {what} were left out{more}.")
