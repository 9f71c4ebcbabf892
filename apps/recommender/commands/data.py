"""`trivium recommend data` and `erase`."""

from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, say


def register(recommend: typer.Typer) -> None:
    """Hang the commands of this file into `trivium recommend`."""
    recommend.command("data")(data)
    recommend.command("erase")(erase)


def data(as_json: JsonFlag = False) -> None:
    """Count items, users, sessions and events, and what is still unknown of them."""
    from apps.recommender.store.counting import count
    from core.cli.opening import opened_database

    with opened_database() as database:
        counted = count(database)
    if as_json:
        emit(counted.model_dump(mode="json"))
        return
    say(f"{counted.items:,} items; {counted.unknown_items:,} more are named by events only.")
    say(f"{counted.users:,} users; {counted.unknown_users:,} more are named by events only.")
    say(f"{counted.sessions:,} anonymous sessions; {counted.merged_sessions:,} more were merged into users.")
    types = ", ".join(f"{events:,} {name}" for name, events in counted.by_type.items())
    span = f", from {counted.first_event:%Y-%m-%d} to {counted.last_event:%Y-%m-%d}" if counted.events else ""
    say(f"{counted.events:,} events{span}{': ' if types else ''}{types}.")
    if counted.waiting_comments:
        say(f"{counted.waiting_comments:,} comments wait for their mood: a running server reads them.")


def erase(
    user: Annotated[str, typer.Argument(help="The user, as events name them.")],
    as_json: JsonFlag = False,
) -> None:
    """Erase all that is kept of a user, for good: attributes, events, sessions. Old files do not bring it back."""
    from apps.recommender.pipeline.erasing import Eraser
    from apps.recommender.store.erased import Erasures
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.idempotency.answers import Answers

    with opened_database() as database:
        erased = Eraser(Erasures(database, system_clock), Answers(database, system_clock)).erase_user(user)
    if as_json:
        emit(erased.model_dump())
    else:
        say(f"{erased.events:,} events and {erased.sessions:,} sessions are erased.")
