"""Webhooks on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from apps.customer_service.schemas.asking import CollectionName
from apps.customer_service.schemas.conversations import ClientId, MessageText, Name

Event = Literal["message.customer", "message.desk", "message.agent", "state.changed", "note.created"]
DeliveryState = Literal["waiting", "done", "dead"]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Events = Annotated[list[Event], Field(min_length=1, max_length=5)]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]


class NewWebhook(BaseModel):
    """Where events shall go: https, or http on this machine."""

    model_config = ConfigDict(extra="forbid")

    url: Address
    events: Events


class WebhookChange(BaseModel):
    """What is to be otherwise; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = None
    events: Events | None = None
    active: bool | None = None


class Webhook(BaseModel):
    """A webhook. active: false: nothing is sent, and what happens meanwhile is sent afterwards"""

    id: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime


class WebhookWithSecret(Webhook):
    """A webhook as it was made. secret: what signs its messages; shown this once"""

    secret: str


class WebhookList(BaseModel):
    """All webhooks, the oldest first."""

    items: list[Webhook]


class Delivery(BaseModel):
    """One event on its way. id: the message's `webhook-id`, the same at every attempt;  due_at: of the next attempt"""

    id: str
    conversation: str
    number: int
    event: str
    state: DeliveryState
    attempts: int
    status: int | None
    problem: str | None
    due_at: datetime | None
    created_at: datetime


class NewChannel(BaseModel):
    """A program that sends customers' messages."""

    model_config = ConfigDict(extra="forbid")

    name: ChannelName
    collection: CollectionName = "support"


class Channel(BaseModel):
    """A program that sends customers' messages to `/inbound/{name}`."""

    name: str
    collection: str
    created_at: datetime


class ChannelWithSecret(Channel):
    """A channel as it was made. secret: with what it signs; shown this once"""

    secret: str


class ChannelList(BaseModel):
    """All channels, by name."""

    items: list[Channel]


class Inbound(BaseModel):
    """A customer's message that another program brings.

    thread: what belongs together there, such as a ticket: one conversation here;  id: of the message there
    """

    model_config = ConfigDict(extra="forbid")

    customer: Name
    text: MessageText
    thread: ClientId
    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class Received(BaseModel):
    """The message is stored. number: of its entry;  reply: of the desk, null where a person or nobody answers (yet)"""

    conversation: str
    number: int
    reply: str | None
    action: str | None
    state: str
    pending: bool
