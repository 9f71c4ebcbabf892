"""Messages of alerts on their way out: each once, again with growing pauses while it surely has not arrived.

Before an attempt the message is marked as being sent. When the process dies in between, or the connection breaks
before an answer, nobody knows whether it arrived: then it is unsure, and sent again only where a person says so.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
from pydantic_core import to_json

from apps.finance_sentiment.pipeline import mailing, telling
from apps.finance_sentiment.pipeline.mailing import Mail, NoMailServer
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.deliveries import Deliveries, Parcel
from apps.finance_sentiment.store.delivery_tables import ChannelRow, DeliveryRow
from core.addresses import Resolve, resolved
from core.clock import Clock
from core.lanes import Lanes
from core.posting import ANSWERS_WITHIN_S, MOST_ATTEMPTS, Letter, Posted, outcome, post

DELIVERS_EVERY_S = 5.0
FORGETS_EVERY_S = 3_600.0
DONE_KEPT = timedelta(days=90)
CLAIMED_FOR = timedelta(seconds=120)  # longer than an attempt takes: whoever claimed it is dead then
MOST_IN_A_ROUND = 50
MOST_AT_ONCE = 4  # channels

_log = logging.getLogger(__name__)


def slack(message: dict[str, Any]) -> bytes:
    """The body for Slack's incoming webhooks: one text, in which nothing that was written elsewhere is markup.

    >>> slack({"type": "test", "data": {"text": "<!channel> & all"}})
    b'{"text":"*Market mood: a test message*\\\\n&lt;!channel&gt; &amp; all"}'
    """
    first, *others = [_plain(line) for line in telling.lines(message)]
    return to_json({"text": "\n".join([f"*{first}*", *others])})


@dataclass
class Courier:
    """Sends what waits. chance: see `pause`;  resolve: looks names up;  stopping: nothing new is begun when set"""

    deliveries: Deliveries
    settings: FinanceSettings
    clock: Clock
    stopping: threading.Event
    chance: Callable[[], float] = random.random
    resolve: Resolve = resolved
    _lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        self._lanes = Lanes(MOST_AT_ONCE, "deliveries", self.stopping)

    def look(self) -> None:
        """Mark what got lost, and have sent what is due, each channel on another thread."""
        self.deliveries.give_up_lost()
        for channel in self.deliveries.channels_due():
            self._lanes.begin(channel, partial(self.send, channel))

    def send(self, channel: str) -> int:
        """Send what one channel has due, one after the other. returns: how many attempts were made"""
        made = 0
        while parcels := self.deliveries.due(channel, MOST_IN_A_ROUND):
            for parcel in parcels:
                if self.stopping.is_set():
                    return made
                if self.deliveries.claim(parcel.delivery.id, parcel.delivery.attempts, self.clock() + CLAIMED_FOR):
                    self._settle(parcel.delivery.id, parcel.delivery.attempts + 1, self._attempt(parcel))
                    made += 1
        return made

    def test(self, channel: str) -> tuple[DeliveryRow, ChannelRow]:
        """Send a test message now, once. raises: NoSuchChannel, NoMailServer"""
        now = self.clock()
        text = "This is what alerts will look like here. Nothing has happened."
        message = {"type": "test", "timestamp": now.isoformat(), "data": {"text": text}}
        parcel = self.deliveries.test(channel, message, now + CLAIMED_FOR)
        posted = self._attempt(parcel)
        state = outcome(posted, MOST_ATTEMPTS, now, self.chance).state  # it is not tried again
        problem = posted.problem or posted.note
        self.deliveries.settle(parcel.delivery.id, 1, state, status=posted.status, problem=problem)
        return self.deliveries.get(parcel.delivery.id)

    def forget_done(self) -> None:
        """Forget what arrived more than three months ago."""
        self.deliveries.forget_done(self.clock() - DONE_KEPT)

    def _settle(self, delivery: str, attempts: int, posted: Posted) -> None:
        after = outcome(posted, attempts, self.clock(), self.chance)
        problem = f"it may have arrived: {posted.problem}" if posted.unsure else posted.problem or posted.note
        self.deliveries.settle(
            delivery, attempts, after.state, status=posted.status, problem=problem, due_at=after.due_at
        )
        if after.state == "dead":
            _log.warning("a message is dead", extra={"status": posted.status, "attempts": attempts})

    def _attempt(self, parcel: Parcel) -> Posted:
        channel, delivery = parcel.channel, parcel.delivery
        if channel.kind == "email":
            mail = Mail(delivery.id, channel.addresses, telling.lines(delivery.message), delivery.created_at)
            try:
                return mailing.send(mail, self.settings)
            except NoMailServer as error:
                return Posted(None, error.fact)
        body = slack(delivery.message) if channel.body == "slack" else to_json(delivery.message)
        letter = Letter(channel.url, channel.secret, delivery.id, body)
        with httpx.Client(timeout=ANSWERS_WITHIN_S, follow_redirects=False, trust_env=False) as client:
            private = self.settings.webhooks_to_private
            return post(client, letter, self.clock(), to_private=private, resolve=self.resolve)


def _plain(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
