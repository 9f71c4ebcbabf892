"""The one composition root: opens what apps use, once, and closes it in reverse. All others are handed their parts."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from core.app import Services
from core.backend.models import open_registry
from core.clock import Clock, system_clock

if TYPE_CHECKING:
    from core.backend.encoder import Encoder
    from core.settings import Settings

HOUR_S = 3600.0


def open_services(settings: Settings, *, encoder: Encoder | None = None, clock: Clock = system_clock) -> Services:
    """Open database, encoder, index and registry; trained models when they are first asked for.

    Changes no table: see `core.migrations.runner.upgrade`.

    encoder: one that is open already and stays the caller's to close; None: the one that the settings name
    returns: services to be given back with `close_services`
    raises: Misconfigured when a setting does not fit, with nothing left open
    """
    from core.backend.serving import Classifiers, Opener
    from core.database import Database
    from core.generation.chat import close_chat_model, open_chat_model
    from core.idempotency.answers import Answers
    from core.retrieval.collections import Collections
    from core.scheduler import Scheduler

    with ExitStack() as opened:
        database = Database(settings.database)
        opened.callback(database.close)
        if encoder is None:
            from core.backend.open import open_encoder

            queue = open_encoder(settings)
            opened.callback(queue.close)
            encoder = queue
        registry = open_registry(settings, clock)
        classifiers = Classifiers(registry, Opener(settings, encoder), most=settings.open_models, clock=clock)
        opened.callback(classifiers.close)
        scheduler = Scheduler(database, clock)
        opened.callback(scheduler.stop)
        collections = Collections(database, encoder, settings.home, clock)
        scheduler.every("core.forget-idempotent-answers", HOUR_S, Answers(database, clock).expire)
        scheduler.every("core.forget-removals", 24 * HOUR_S, collections.forget_removals)
        opened.callback(collections.save)
        chat_model = open_chat_model(settings)
        opened.callback(close_chat_model, chat_model)
        return Services(
            settings=settings,
            clock=clock,
            database=database,
            encoder=encoder,
            collections=collections,
            registry=registry,
            classifiers=classifiers,
            scheduler=scheduler,
            chat_model=chat_model,
            closing=opened.pop_all(),
        )


def close_services(services: Services) -> None:
    """Give back what `open_services` opened, last opened first; closing twice does nothing more."""
    services.closing.close()
