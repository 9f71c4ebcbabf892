"""Channels and their messages over HTTP; a job of the leader sends."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from apps.finance_sentiment.pipeline import alert_pages, delivering
from apps.finance_sentiment.pipeline.delivering import Courier
from apps.finance_sentiment.pipeline.mailing import NoMailServer
from apps.finance_sentiment.schemas.alerts import ALERT_PATTERN
from apps.finance_sentiment.schemas.channels import (
    CHANNEL_PATTERN,
    DELIVERY_PATTERN,
    Channel,
    ChannelEdit,
    ChannelList,
    ChannelWithSecret,
    Delivery,
    DeliveryState,
)
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import Deliveries
from core.addresses import target
from core.app import Services
from core.auth.access import require
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize
from core.signing import new_secret

ChannelPath = Annotated[str, Path(pattern=CHANNEL_PATTERN)]


def add_routes(router: APIRouter, services: Services) -> None:
    """Channels: list, make, show, replace, remove, test. Messages: list, send again. Sends in the background."""
    settings = FinanceSettings.of(services.settings)
    deliveries = Deliveries(services.database, services.clock)
    courier = Courier(deliveries, settings, services.clock, services.stopping)
    services.scheduler.every("finance.deliver", delivering.DELIVERS_EVERY_S, courier.look)
    services.scheduler.every("finance.forget-deliveries", delivering.FORGETS_EVERY_S, courier.forget_done)
    _add_channels(router, Channels(services.database, services.clock), courier, settings)
    _add_deliveries(router, deliveries)


def _add_channels(router: APIRouter, channels: Channels, courier: Courier, settings: FinanceSettings) -> None:
    readers, writers = [Depends(require("finance:read"))], [Depends(require("finance:write"))]

    def check(edit: ChannelEdit) -> None:
        if edit.kind == "email" and not (settings.smtp_host and settings.smtp_from):
            raise NoMailServer
        if edit.kind == "webhook":
            target(edit.url, to_private=settings.webhooks_to_private)

    @router.get("/channels", dependencies=readers)
    def list_channels() -> ChannelList:
        """List the channels by name, without their secrets. The inbox is none: all alerts are there."""
        return ChannelList(items=[alert_pages.channel(row) for row in channels.all()])

    @router.post("/channels", dependencies=[*writers, Depends(idempotent)], status_code=201)
    def add_channel(edit: ChannelEdit) -> ChannelWithSecret:
        """Make a channel; the answer holds the secret that signs a webhook's messages, this once."""
        check(edit)
        row = channels.add(edit, new_secret() if edit.kind == "webhook" else "")
        return ChannelWithSecret(**alert_pages.channel(row).model_dump(), secret=row.secret)

    @router.get("/channels/{channel}", dependencies=readers)
    def show_channel(channel: ChannelPath) -> Channel:
        """Show a channel, without its secret."""
        return alert_pages.channel(channels.get(channel))

    @router.put("/channels/{channel}", dependencies=writers)
    def put_channel(channel: ChannelPath, edit: ChannelEdit) -> Channel:
        """Replace a channel, or switch it off and on; its kind and secret stay."""
        check(edit)
        return alert_pages.channel(channels.change(channel, edit))

    @router.delete("/channels/{channel}", dependencies=writers, status_code=204)
    def remove_channel(channel: ChannelPath) -> None:
        """Remove a channel with its messages."""
        channels.remove(channel)

    @router.post("/channels/{channel}/test", dependencies=[*writers, Depends(idempotent)])
    def test_channel(channel: ChannelPath) -> Delivery:
        """Send a test message now, and tell how that went."""
        return alert_pages.delivery(*courier.test(channel))


def _add_deliveries(router: APIRouter, deliveries: Deliveries) -> None:
    readers, writers = [Depends(require("finance:read"))], [Depends(require("finance:write"))]

    @router.get("/deliveries", dependencies=readers)
    def list_deliveries(
        state: Annotated[list[DeliveryState] | None, Query(description="such as dead and unsure; none: all")] = None,
        channel: Annotated[str | None, Query(pattern=CHANNEL_PATTERN)] = None,
        alert: Annotated[str | None, Query(pattern=ALERT_PATTERN)] = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Delivery]:
        """List messages, the newest first."""
        return alert_pages.deliveries(deliveries, tuple(state or ()), channel, alert, cursor, limit)

    @router.post("/deliveries/{delivery}/resend", dependencies=[*writers, Depends(idempotent)])
    def resend_delivery(delivery: Annotated[str, Path(pattern=DELIVERY_PATTERN)]) -> Delivery:
        """Send a message once more, though it may have arrived."""
        deliveries.again(delivery)
        return alert_pages.delivery(*deliveries.get(delivery))
