"""Erasure and retention over HTTP; jobs delete what is old and let every process forget what was erased."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from apps.customer_service.pipeline import erasing
from apps.customer_service.pipeline.erasing import Eraser, Forgetting
from apps.customer_service.schemas.erasing import Erased
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.erasure import Erasures
from core.app import Services
from core.auth.access import require
from core.idempotency.answers import Answers


def add_routes(router: APIRouter, services: Services, settings: SupportSettings) -> None:
    """Erase a customer."""
    erasures = Erasures(services.database, services.clock)
    memories = (services.encoder, services.classifiers)
    eraser = Eraser(erasures, Answers(services.database, services.clock), memories, services.clock)
    services.scheduler.every(
        "customer_service.forget-erased",
        erasing.FORGETS_EVERY_S,
        Forgetting(erasures, memories).look,
        everywhere=True,
    )
    if settings.retention_days is not None:
        services.scheduler.every(
            "customer_service.delete-old",
            erasing.LOOKS_FOR_OLD_ONES_EVERY_S,
            partial(eraser.erase_old, settings.retention_days),
        )

    @router.delete("/customers/{customer:path}", dependencies=[Depends(require("support:agent"))])
    def erase_customer(customer: Annotated[str, Path(min_length=1, max_length=200)]) -> Erased:
        """Erase all that is kept of a customer, for good; tells how much went."""
        return eraser.erase(customer)
