"""`trivium keys`: who may call the API."""

from datetime import timedelta
from typing import Annotated

import typer

from core.app import installed_apps
from core.cli.console import JsonFlag, emit, say, table
from core.cli.opening import opened_database
from core.clock import system_clock

group = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, e.g. 'help desk'.")],
    scope: Annotated[list[str] | None, typer.Option(help="Repeat for several; default: everything.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days until it expires; default: never.")] = None,
    requests_per_minute: Annotated[int | None, typer.Option(min=1)] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(min=1)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a key. It is shown once; only its hash is kept."""
    from core.auth import create_key

    now = system_clock()
    with opened_database() as database:
        created = create_key(
            database,
            name=name,
            scopes=scope or ["admin"],
            known_scopes=[s for app in installed_apps()[0] for s in app.scopes],
            now=now,
            expires_at=now + timedelta(days=days) if days else None,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
    if as_json:
        emit({"id": created.id, "name": name, "key": created.key, "scopes": created.scopes})
    else:
        typer.echo(created.key)
        say("Keep it now: it is not shown again.")


@group.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List keys by their prefix; never the keys themselves."""
    from core.auth import list_keys

    with opened_database() as database:
        rows = list_keys(database)
    plain = [
        {
            "id": row.id,
            "name": row.name,
            "prefix": row.prefix,
            "scopes": ", ".join(row.scopes),
            "created": row.created_at,
            "expires": row.expires_at,
            "revoked": row.revoked_at,
            "last_used": row.last_used_at,
        }
        for row in rows
    ]
    if as_json:
        emit({"keys": plain})
    elif plain:
        table(plain, {key: key.replace("_", " ") for key in plain[0]})
    else:
        say("No keys yet: make one with `trivium keys create NAME`.")


@group.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The key's prefix, as `trivium keys list` shows it.")],
) -> None:
    """Revoke a key; it stops working within five seconds everywhere."""
    from core.auth import revoke_key

    with opened_database() as database:
        revoke_key(database, prefix, now=system_clock())
    say(f"Key {prefix} is revoked.")
