"""Channels and deliveries on the wire."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from apps.finance_sentiment.schemas.rules import Named

CHANNEL_PATTERN = r"^ch_[0-9a-f]{16}$"
DELIVERY_PATTERN = r"^msg_[0-9a-f]{24}$"
DeliveryState = Literal["waiting", "sending", "done", "dead", "unsure"]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000, pattern=r"^[\x21-\x7e]*$")]
_MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}$"
Mailbox = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=_MAILBOX)]


class ChannelEdit(BaseModel):
    """Where messages shall go. url, body: of a webhook;  addresses: of e-mail

    body: "trivium" (JSON with all facts) or "slack" (a text, as Slack's incoming webhooks take it)
    signals: whether what was not foreseen goes there without a rule
    """

    model_config = ConfigDict(extra="forbid")

    name: Named
    kind: Literal["webhook", "email"]
    url: Address = ""
    body: Literal["trivium", "slack"] = "trivium"
    addresses: Annotated[list[Mailbox], Field(max_length=20)] = []
    signals: bool = False
    active: bool = True
    version: int | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.kind == "webhook") != bool(self.url):
            raise ValueError("a webhook has a `url`, e-mail has none")
        if (self.kind == "email") != bool(self.addresses):
            raise ValueError("e-mail has `addresses`, a webhook has none")
        return self


class Channel(BaseModel):
    """A channel. active: false: nothing is sent; what is told meanwhile is sent to nobody here"""

    id: str
    name: str
    kind: Literal["webhook", "email"]
    url: str
    body: Literal["trivium", "slack"]
    addresses: list[str]
    signals: bool
    active: bool
    version: int
    created_at: datetime


class ChannelWithSecret(Channel):
    """A channel as it was made. secret: what signs a webhook's messages; shown this once"""

    secret: str


class ChannelList(BaseModel):
    """All channels, by name."""

    items: list[Channel]


class Delivery(BaseModel):
    """One message on its way. id: the same at every attempt;  due_at: of the next one

    state: waiting; sending; done; dead: given up; unsure: it may have arrived, and is sent again only if you say so
    """

    id: str
    channel: str
    channel_name: str
    alert: str | None
    event: Literal["opened", "reminder", "closed", "test"]
    state: DeliveryState
    attempts: int
    status: int | None
    problem: str | None
    due_at: datetime | None
    created_at: datetime
