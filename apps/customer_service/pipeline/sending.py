"""Events on their way out: at least once, of one conversation in order, again and again with growing pauses, then dead.

The leader reads the log on and hands each webhook that has something to send to a thread of its own, so that one that
is slow or away holds up no other.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import httpx
from pydantic_core import to_json

from apps.customer_service.pipeline import showing
from apps.customer_service.settings import SupportSettings
from apps.customer_service.store.tables import ConversationRow
from apps.customer_service.store.webhook_tables import WebhookRow
from apps.customer_service.store.webhooks import Parcel, Webhooks
from core.addresses import Resolve, resolved
from core.clock import Clock
from core.lanes import Lanes
from core.posting import ANSWERS_WITHIN_S, Letter, Posted, outcome, post

SENDS_EVERY_S = 2.0
FORGETS_EVERY_S = 3_600.0
DONE_KEPT = timedelta(days=7)
CLAIMED_FOR = timedelta(seconds=60)  # longer than an attempt takes: whoever claimed it is dead then
MOST_IN_A_ROUND = 100
MOST_AT_ONCE = 8  # webhooks

_log = logging.getLogger(__name__)


def payload(parcel: Parcel) -> bytes:
    """What is sent: made from the entry when it is sent, so that no copy is kept."""
    row: ConversationRow = parcel.conversation
    about = {name: getattr(row, name) for name in ("id", "customer", "collection", "channel", "state")}
    entry = showing.entry(parcel.entry, whole=True).model_dump(mode="json")
    told = {
        "type": parcel.delivery.event,
        "timestamp": parcel.entry.created_at.isoformat(),
        "data": {"conversation": about, "entry": entry},
    }
    return to_json(told)


@dataclass
class Sender:
    """Sends what waits. chance: see `pause`;  resolve: looks names up;  stopping: nothing new is begun when set"""

    webhooks: Webhooks
    settings: SupportSettings
    clock: Clock
    stopping: threading.Event
    chance: Callable[[], float] = random.random
    resolve: Resolve = resolved
    _lanes: Lanes = field(init=False)

    def __post_init__(self) -> None:
        self._lanes = Lanes(MOST_AT_ONCE, "webhooks", self.stopping)

    def look(self) -> None:
        """Read the log on for every webhook, and have sent what is due, on other threads."""
        for webhook in self.webhooks.all():
            if not webhook.active or self.stopping.is_set():
                continue
            self.webhooks.collect(webhook)
            self._lanes.begin(webhook.id, partial(self.send, webhook))

    def send(self, webhook: WebhookRow) -> int:
        """Send what is due, one after the other. returns: how many attempts were made"""
        made = 0
        with httpx.Client(timeout=ANSWERS_WITHIN_S, follow_redirects=False, trust_env=False) as client:
            while parcels := self.webhooks.due(webhook.id, MOST_IN_A_ROUND):
                for parcel in parcels:
                    if self.stopping.is_set():
                        return made
                    claimed = parcel.delivery.attempts, self.clock() + CLAIMED_FOR
                    if self.webhooks.claim(parcel.delivery.id, *claimed):
                        self._attempt(client, parcel)
                        made += 1
        return made

    def forget_done(self) -> None:
        """Forget what arrived more than a week ago."""
        self.webhooks.forget_done(self.clock() - DONE_KEPT)

    def _attempt(self, client: httpx.Client, parcel: Parcel) -> None:
        status, problem = self._post(client, parcel)
        attempts = parcel.delivery.attempts + 1
        # what may have arrived is sent again: at least once, as the specification has it
        after = outcome(Posted(status, problem), attempts, self.clock(), self.chance)
        self.webhooks.settle(parcel.delivery.id, after.state, status=status, problem=problem, due_at=after.due_at)
        if after.state == "dead":
            _log.warning("a webhook's message is dead", extra={"status": status, "attempts": attempts})
        if status == httpx.codes.GONE:  # by the specification: the receiver wants nothing more
            self.webhooks.change(parcel.webhook.id, {"active": False})

    def _post(self, client: httpx.Client, parcel: Parcel) -> tuple[int | None, str | None]:
        """returns: the answer's status, and what is wrong with it"""
        letter = Letter(parcel.webhook.url, parcel.webhook.secret, parcel.delivery.id, payload(parcel))
        posted = post(client, letter, self.clock(), to_private=self.settings.webhooks_to_private, resolve=self.resolve)
        return posted.status, posted.problem
