"""Webhooks out and in over HTTP; a job of the leader sends."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Path, Request
from pydantic_core import from_json

from apps.customer_service.pipeline import listing, sending
from apps.customer_service.pipeline.conversing import Desk
from apps.customer_service.pipeline.inbound import Door
from apps.customer_service.pipeline.sending import Sender
from apps.customer_service.schemas.webhooks import (
    Channel,
    ChannelList,
    ChannelWithSecret,
    Delivery,
    DeliveryState,
    Inbound,
    NewChannel,
    NewWebhook,
    Received,
    Webhook,
    WebhookChange,
    WebhookList,
    WebhookWithSecret,
)
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.inbound import ChannelRow, Channels
from apps.customer_service.store.webhook_tables import DeliveryRow, WebhookRow
from apps.customer_service.store.webhooks import Webhooks
from core.addresses import target
from core.app import Services
from core.auth.access import public, require
from core.errors import Invalid
from core.idempotency.dependency import idempotent
from core.paging import Cursor, Page, PageSize
from core.parsing import parse
from core.signing import new_secret

Id = Annotated[str, Path(max_length=40)]


class NotJson(Invalid):
    """A signed body that is no JSON object."""

    status = 400

    def __init__(self) -> None:
        super().__init__("the body is not a JSON object", remedy="send customer, text, thread and id")


def add_routes(router: APIRouter, services: Services, settings: SupportSettings, desk: Desk) -> None:
    """Webhooks out: make, change, remove, what became of them. Webhooks in: channels, and their messages."""
    webhooks = Webhooks(services.database, services.clock)
    sender = Sender(webhooks, settings, services.clock, services.stopping)
    services.scheduler.every("customer_service.send-webhooks", sending.SENDS_EVERY_S, sender.look)
    services.scheduler.every("customer_service.forget-deliveries", sending.FORGETS_EVERY_S, sender.forget_done)
    _add_webhooks(router, webhooks, settings)
    _add_deliveries(router, webhooks)
    _add_inbound(router, Door(Channels(services.database, services.clock), desk, services.clock))


def _add_webhooks(router: APIRouter, webhooks: Webhooks, settings: SupportSettings) -> None:
    agents = Depends(require("support:agent"))

    @router.post("/webhooks", dependencies=[agents, Depends(idempotent)], status_code=201)
    def add_webhook(new: NewWebhook) -> WebhookWithSecret:
        """Have events sent to an address from now on; the answer holds the secret, this once."""
        target(new.url, to_private=settings.webhooks_to_private)
        row = webhooks.add(new.url, new.events, new_secret())
        return WebhookWithSecret(**_shown(row).model_dump(), secret=row.secret)

    @router.get("/webhooks", dependencies=[agents])
    def list_webhooks() -> WebhookList:
        """List the webhooks, without their secrets."""
        return WebhookList(items=[_shown(row) for row in webhooks.all()])

    @router.get("/webhooks/{webhook}", dependencies=[agents])
    def show_webhook(webhook: Id) -> Webhook:
        """Show a webhook, without its secret."""
        return _shown(webhooks.get(webhook))

    @router.patch("/webhooks/{webhook}", dependencies=[agents])
    def change_webhook(webhook: Id, change: WebhookChange) -> Webhook:
        """Change a webhook; switch it off and on."""
        if change.url is not None:
            target(change.url, to_private=settings.webhooks_to_private)
        return _shown(webhooks.change(webhook, change.model_dump(exclude_none=True)))

    @router.delete("/webhooks/{webhook}", dependencies=[agents], status_code=204)
    def remove_webhook(webhook: Id) -> None:
        """Remove a webhook with what still waits for it."""
        webhooks.remove(webhook)


def _add_deliveries(router: APIRouter, webhooks: Webhooks) -> None:
    agents = Depends(require("support:agent"))

    @router.get("/webhooks/{webhook}/deliveries", dependencies=[agents])
    def list_deliveries(
        webhook: Id,
        state: DeliveryState | None = None,
        cursor: Cursor = None,
        limit: PageSize = 50,
    ) -> Page[Delivery]:
        """List what was sent and is to be sent, the newest first; `state=dead`: what was given up."""
        webhooks.get(webhook)
        rows = webhooks.deliveries(webhook, state, listing.place_of(cursor), limit + 1)
        return listing.newest_first(rows, limit, _delivery)

    @router.post("/webhooks/{webhook}/deliveries/{delivery}/redeliver", dependencies=[agents, Depends(idempotent)])
    def redeliver(webhook: Id, delivery: Id) -> Delivery:
        """Send an event once more, dead or not."""
        return _delivery(webhooks.again(webhook, delivery))


def _add_inbound(router: APIRouter, door: Door) -> None:
    agents = Depends(require("support:agent"))

    @router.post("/channels", dependencies=[agents, Depends(idempotent)], status_code=201)
    def add_channel(new: NewChannel) -> ChannelWithSecret:
        """Let a program bring customers' messages; the answer holds the secret, this once."""
        door.desk.collections.get(new.collection)
        row = door.channels.add(new.name, new.collection, new_secret())
        return ChannelWithSecret(**_channel(row).model_dump(), secret=row.secret)

    @router.get("/channels", dependencies=[agents])
    def list_channels() -> ChannelList:
        """List who may bring messages, without their secrets."""
        return ChannelList(items=[_channel(row) for row in door.channels.all()])

    @router.delete("/channels/{name}", dependencies=[agents], status_code=204)
    def remove_channel(name: Id) -> None:
        """Let a program bring no more messages; its conversations stay."""
        door.channels.remove(name)

    schema: dict[str, Any] = {"content": {"application/json": {"schema": Inbound.model_json_schema()}}}

    @router.post("/inbound/{name}", dependencies=[Depends(public)], openapi_extra={"requestBody": schema})
    async def receive_message(name: Id, request: Request) -> Received:
        """Bring a customer's message, signed by the Standard Webhooks specification; needs no key."""
        body, headers = await request.body(), dict(request.headers)
        return await to_thread.run_sync(_receive, door, name, headers, body)


def _receive(door: Door, name: str, headers: dict[str, str], body: bytes) -> Received:
    channel = door.check(name, headers, body)
    try:
        said = from_json(body)
    except ValueError:
        raise NotJson from None
    if not isinstance(said, dict):
        raise NotJson
    return door.receive(channel, parse(Inbound, said))


def _shown(row: WebhookRow) -> Webhook:
    return Webhook(id=row.id, url=row.url, events=row.events, active=row.active, created_at=row.created_at)


def _channel(row: ChannelRow) -> Channel:
    return Channel(name=row.name, collection=row.collection, created_at=row.created_at)


def _delivery(row: DeliveryRow) -> Delivery:
    same = {name: getattr(row, name) for name in ("id", "number", "event", "state", "attempts", "status", "problem")}
    due_at = row.due_at if row.state == "waiting" else None
    return Delivery.model_validate(
        {**same, "conversation": row.conversation_id, "due_at": due_at, "created_at": row.created_at}
    )
