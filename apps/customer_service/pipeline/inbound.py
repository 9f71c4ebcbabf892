"""Customers' messages that other programs bring: signed, each once, into the conversation of their thread."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from apps.customer_service.pipeline.conversing import Desk
from apps.customer_service.pipeline.signing import WrongSignature, check
from apps.customer_service.schemas.conversations import NewConversation, NewMessage
from apps.customer_service.schemas.webhooks import Inbound, Received
from apps.customer_service.store.inbound import SourceRow, Sources
from core.clock import Clock
from core.parsing import parse


@dataclass(frozen=True)
class Door:
    """Where messages come in."""

    sources: Sources
    desk: Desk
    clock: Clock

    def check(self, name: str, headers: Mapping[str, str], body: bytes) -> SourceRow:
        """The source that signed this. One that does not exist answers as a wrong secret does.

        raises: WrongSignature, WrongTime
        """
        source = self.sources.find(name)
        if source is None:
            raise WrongSignature
        check(source.secret, headers, body, self.clock())
        return source

    def receive(self, source: SourceRow, message: Inbound) -> Received:
        """Keep a message and have the desk answer it; one that came before is answered as it was.

        raises: OtherMessage where its id came with other words before
        """
        new = {
            "customer": message.customer,
            "collection": source.collection,
            "channel": source.name,
            "metadata": {"thread": message.thread},
        }
        chat = self.sources.conversation_of(
            source.name, message.thread, lambda: self.desk.begin(parse(NewConversation, new))
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
