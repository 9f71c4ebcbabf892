"""`trivium finance alerts …`."""

from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, table

MOST = 200


def register(finance: typer.Typer) -> None:
    """Hang the commands of this file into `trivium finance`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_alerts)
    group.command("evaluate")(evaluate)
    finance.add_typer(group, name="alerts", help="What has changed, and whether somebody takes care of it.")


def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    entity: Annotated[str, typer.Option(help="Only those of this company, by id.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List alerts, the latest 200 first."""
    from apps.finance_sentiment.pipeline import alert_pages
    from apps.finance_sentiment.store.alerts import Alerts, Wanted
    from core.cli.opening import opened_database
    from core.clock import system_clock

    states = () if everything else ("open", "acknowledged", "snoozed")
    with opened_database() as database:
        wanted = Wanted(states=states, entity=entity or None)
        items = [
            one.model_dump(mode="json")
            for one in alert_pages.alerts(Alerts(database, system_clock), wanted, None, MOST).items
        ]
    if as_json:
        emit({"items": items})
        return
    titles = {"opened_at": "Opened", "severity": "Severity", "state": "State", "headline": "What changed"}
    table(items, titles)


def evaluate(as_json: JsonFlag = False) -> None:
    """Look once at what is new, as the server does every 20 seconds; messages are left to the server."""
    from dataclasses import asdict

    from apps.finance_sentiment.pipeline.alerting import Watch
    from apps.finance_sentiment.settings import FinanceSettings
    from core.cli.console import say
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    with opened_database() as database:
        done = Watch(database, FinanceSettings.of(read_settings())).evaluate(system_clock())
    if as_json:
        emit(asdict(done))
    else:
        say(f"{done.opened} alerts opened, {done.updated} told anew, {done.closed} closed, {done.reminded} reminders.")
