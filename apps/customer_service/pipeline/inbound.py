"""Customers' messages that other programs bring: signed, each once, into the conversation of their thread."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from apps.customer_service.pipeline.conversing import Desk
from apps.customer_service.schemas.conversations import NewConversation, NewMessage
from apps.customer_service.schemas.webhooks import Inbound, Received
from apps.customer_service.store.inbound import ChannelRow, Channels
from core.clock import Clock
from core.parsing import parse
from core.signing import WrongSignature, check


@dataclass(frozen=True)
class Door:
    """Where messages come in."""

    channels: Channels
    desk: Desk
    clock: Clock

    def check(self, name: str, headers: Mapping[str, str], body: bytes) -> ChannelRow:
        """The channel that signed this. One that does not exist answers as a wrong secret does.

        raises: WrongSignature, WrongTime
        """
        channel = self.channels.find(name)
        if channel is None:
            raise WrongSignature
        check(channel.secret, headers, body, self.clock())
        return channel

    def receive(self, channel: ChannelRow, message: Inbound) -> Received:
        """Keep a message and have the desk answer it; one that came before is answered as it was.

        raises: OtherMessage where its id came with other words before
        """
        new = {
            "customer": message.customer,
            "collection": channel.collection,
            "channel": channel.name,
            "metadata": {"thread": message.thread},
        }
        chat = self.channels.conversation_of(
            channel.name, message.thread, lambda: self.desk.begin(parse(NewConversation, new))
        )
        kept = self.desk.receive(chat, NewMessage(text=message.text, client_id=_client_id(message.id)))
        exchange = self.desk.exchange(kept, whole=False)
        reply = exchange.reply
        return Received(
            conversation=chat,
            number=exchange.message.number,
            reply=reply.text if reply is not None else None,
            action=reply.data.get("action") if reply is not None else None,
            state=exchange.state,
            pending=exchange.pending,
        )


def _client_id(message_id: str) -> str:
    """The sender's id in the length that an entry has for it."""
    return f"in_{hashlib.sha256(message_id.encode()).hexdigest()}"
