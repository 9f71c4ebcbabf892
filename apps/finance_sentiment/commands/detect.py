"""`trivium finance detect`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, say


def register(finance: typer.Typer) -> None:
    """Hang the command of this file into `trivium finance`."""
    finance.command("detect")(detect)


def detect(
    series: Annotated[Path, typer.Argument(help="A series with `timestamp,value` in order of time (.csv).")],
    target: Annotated[Path, typer.Argument(help='Each row comes back with "anomaly_score" in [0, 1].')],
    as_json: JsonFlag = False,
) -> None:
    """Score unforeseen change in a series, each row from it and the rows before."""
    from apps.finance_sentiment.pipeline.detecting import ALARM
    from apps.finance_sentiment.pipeline.detecting_files import detect_file

    told = detect_file(series, target)
    if as_json:
        emit({**asdict(told), "alarm_threshold": ALARM})
        return
    without = f", {told.missing} without a value" if told.missing else ""
    say(f"{told.rows} rows{without} are in {target}; {told.alarms} score {ALARM:g} or more.")
