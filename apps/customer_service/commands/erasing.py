"""`trivium support erase`."""

from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, say


def erase(
    customer: Annotated[str, typer.Argument(help="The customer, as conversations name them.")],
    as_json: JsonFlag = False,
) -> None:
    """Erase all that is kept of a customer, for good. Running servers forget it within seconds."""
    from apps.customer_service.pipeline.erasing import Eraser
    from apps.customer_service.store.erasure import Erasures
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.idempotency.answers import Answers

    with opened_database() as database:
        eraser = Eraser(Erasures(database, system_clock), Answers(database, system_clock), (), system_clock)
        erased = eraser.erase(customer)
    if as_json:
        emit(erased.model_dump())
    else:
        say(f"{erased.conversations} conversations with {erased.entries} entries are erased.")
