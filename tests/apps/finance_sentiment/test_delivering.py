"""Messages to receivers that really listen: signed, once, again while they surely did not arrive, unsure otherwise."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string
from typing import Any

import pytest

from apps.finance_sentiment.pipeline.delivering import CLAIMED_FOR, Courier
from apps.finance_sentiment.schemas.channels import ChannelEdit
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.alerts import Alerts
from apps.finance_sentiment.store.channels import Channels
from apps.finance_sentiment.store.deliveries import LOST, Deliveries
from apps.finance_sentiment.store.delivery_tables import ChannelRow, DeliveryRow
from apps.finance_sentiment.store.rules import Rules
from core.database import Database
from core.posting import MOST_ATTEMPTS
from core.signing import check, new_secret
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.alert_house import MONDAY, AlertHouse
from tests.apps.finance_sentiment.receivers import Mailbox, Receiver, mailbox, receiver

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@dataclass
class Post:
    """An archive with a rule that tells of every document, and a courier whose pauses chance does not move."""

    house: AlertHouse
    courier: Courier

    @property
    def clock(self) -> FixedClock:
        return self.house.clock

    def channel(self, **edit: Any) -> ChannelRow:
        made = ChannelEdit.model_validate({"name": "Desk", **edit})
        row = Channels(self.house.database, self.clock).add(made, new_secret())
        what = {"kind": "volume", "at_least": 1, "window_minutes": 60}
        rule = {"name": "Any <news>", "who": {"kind": "all"}, "what": what, "channels": [row.id]}
        Rules(self.house.database, self.clock).add(RuleEdit.model_validate(rule))
        return row

    def event(self, title: str = "Acme & sons recall <b>trains</b>") -> None:
        self.house.write("acme", self.clock.now, -0.9, title=title)
        self.house.look(self.clock.now)

    def deliveries(self) -> list[DeliveryRow]:
        """The oldest first."""
        held = Deliveries(self.house.database, self.clock).page((), None, None, None, 99)
        return [row for row, _ in reversed(held)]


@pytest.fixture
def post(database: Database, clock: FixedClock) -> Post:
    clock.now = MONDAY
    house = AlertHouse(database, clock)
    house.company("acme")
    return Post(house, courier(house))


def courier(house: AlertHouse, **settings: Any) -> Courier:
    deliveries = Deliveries(house.database, house.clock)
    return Courier(deliveries, FinanceSettings(**settings), house.clock, threading.Event(), chance=lambda: 0.5)


def by_mail(post: Post, mail: Mailbox, **settings: Any) -> None:
    post.courier = courier(
        post.house,
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
        smtp_from="mood@trivium.example",
        **settings,
    )


def test_an_alert_arrives_once_signed_with_all_its_facts(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    post.event()
    assert post.courier.send(channel.id) == 1
    assert post.courier.send(channel.id) == 0
    [(headers, body)] = hook.got
    [delivery] = post.deliveries()
    assert check(channel.secret, headers, body, post.clock()) == delivery.id
    told = json.loads(body)
    assert (told["type"], told["data"]["entity"], told["data"]["rule"]) == ("alert.opened", "acme", "Any <news>")
    assert told["data"]["facts"]["stories"][0]["title"] == "Acme & sons recall <b>trains</b>"
    assert (delivery.state, delivery.status, delivery.attempts) == ("done", 200, 1)


def test_the_end_and_reminders_are_told_too(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    post.event()
    for minutes in (59, 61, 90):
        post.house.write("acme", MONDAY + minutes * MINUTE, -0.9)
        post.house.look(MONDAY + minutes * MINUTE)
    post.house.look(MONDAY + 4 * HOUR)
    post.courier.send(channel.id)
    assert [one["type"] for one in hook.messages()] == ["alert.opened", "alert.reminder", "alert.closed"]
    assert len(set(hook.ids())) == 3


def test_what_is_taken_up_again_may_end_again(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    for hours in (0, 4):
        post.clock.now = MONDAY + hours * HOUR
        post.event()
        post.house.look(MONDAY + (hours + 2) * HOUR)
        [held] = post.house.alerts()
        assert held.alert.state == "closed"
        Alerts(post.house.database, post.clock).reopen(held.alert.id, "ann", "", DAY)
    post.courier.send(channel.id)
    assert Counter(one["type"] for one in hook.messages()) == {
        "alert.opened": 1,
        "alert.closed": 2,
    }


def test_slack_gets_one_text_without_foreign_markup(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url, body="slack")
    post.event("Acme <!channel> & sons")
    post.courier.send(channel.id)
    [message] = hook.messages()
    assert list(message) == ["text"]
    assert message["text"].startswith("*Acme: 1 document in 1 h")
    assert "- Acme &lt;!channel&gt; &amp; sons https://wire.example/1" in message["text"]


def test_what_was_refused_is_sent_again_with_growing_pauses_until_it_is_dead(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    post.event()
    hook.statuses = [500] * MOST_ATTEMPTS
    pauses = []
    for _ in range(MOST_ATTEMPTS):
        assert post.courier.send(channel.id) == 1
        [row] = post.deliveries()
        pauses.append(round((row.due_at - post.clock()).total_seconds()))
        post.clock.now = max(post.clock.now, row.due_at)
    assert pauses[:4] == [5, 20, 80, 320]
    assert (row.state, row.status, row.problem) == ("dead", 500, "the receiver refused it")
    assert len(set(hook.ids())) == 1
    post.courier.deliveries.again(row.id)
    assert post.courier.send(channel.id) == 1
    assert post.deliveries()[0].state == "done"


def test_a_receiver_that_is_not_there_has_surely_got_nothing(post: Post):
    channel = post.channel(kind="webhook", url="http://127.0.0.1:9/hook")
    post.event()
    post.courier.send(channel.id)
    [row] = post.deliveries()
    assert (row.state, row.problem) == ("waiting", "no connection")


def test_what_may_have_arrived_is_not_sent_again_by_itself(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    post.event()
    hook.statuses = [0]
    post.courier.send(channel.id)
    [row] = post.deliveries()
    assert (row.state, row.problem) == ("unsure", "it may have arrived: no connection")
    post.clock.advance(days=2)
    assert post.courier.send(channel.id) == 0
    assert len(hook.got) == 1
    post.courier.deliveries.again(row.id)
    assert post.courier.send(channel.id) == 1
    assert len(set(hook.ids())) == 1


def test_what_was_being_sent_when_its_process_died_is_unsure(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    post.event()
    [row] = post.deliveries()
    assert post.courier.deliveries.claim(row.id, 0, post.clock() + CLAIMED_FOR)
    assert not post.courier.deliveries.claim(row.id, 0, post.clock() + CLAIMED_FOR)
    post.courier.look()
    assert post.deliveries()[0].state == "sending"
    post.clock.advance(seconds=CLAIMED_FOR.total_seconds())
    post.courier.look()
    assert post.courier.send(channel.id) == 0
    [row] = post.deliveries()
    assert (row.state, row.problem, hook.got) == ("unsure", LOST, [])


def test_what_is_told_while_a_channel_is_off_is_not_sent_later(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url=hook.url)
    off = ChannelEdit(name="Desk", kind="webhook", url=hook.url, active=False)
    Channels(post.house.database, post.clock).change(channel.id, off)
    post.event()
    Channels(post.house.database, post.clock).change(channel.id, off.model_copy(update={"active": True}))
    assert post.courier.send(channel.id) == 0


def test_a_webhook_leads_to_no_private_network(post: Post, hook: Receiver):
    channel = post.channel(kind="webhook", url="https://inner.example/hook")
    post.event()
    for number in ("10.1.2.3", "127.0.0.1", "64:ff9b::a01:203", "::ffff:169.254.169.254", "2002:a01:203::1"):
        post.courier.resolve = lambda _host, _port, number=number: [number]  # type: ignore[misc]
        post.clock.advance(hours=12)
        assert post.courier.send(channel.id) == 1
        assert post.deliveries()[0].problem == "the address lies in a network that is not public"
    assert hook.got == []


def test_an_alert_goes_out_by_mail_in_plain_lines(post: Post, mail: Mailbox):
    by_mail(post, mail)
    channel = post.channel(kind="email", addresses=["ann@bank.example", "bob@bank.example"])
    post.event("Acme recalls\ntrains\r\nBcc: all@bank.example")
    assert post.courier.send(channel.id) == 1
    [text] = mail.texts()
    [row] = post.deliveries()
    found = message_from_string(text)
    assert found["Subject"] == "Acme: 1 document in 1 h"
    assert (found["Message-ID"], found["Bcc"]) == (f"<{row.id}@trivium>", None)
    assert "- Acme recalls trains Bcc: all@bank.example https://wire.example/1" in str(found.get_payload())
    assert mail.got[0].rcpt_tos == ["ann@bank.example", "bob@bank.example"]
    assert row.state == "done"


def test_mail_that_was_refused_waits_and_mail_that_may_have_arrived_is_unsure(post: Post, mail: Mailbox):
    by_mail(post, mail)
    channel = post.channel(kind="email", addresses=["ann@bank.example"])
    post.event()
    mail.refuse = ["451 try later"]
    post.courier.send(channel.id)
    [row] = post.deliveries()
    assert (row.state, row.problem) == ("waiting", "the mail server said 451: try later")
    post.clock.advance(minutes=1)
    mail.hang_up = 1
    post.courier.send(channel.id)
    [row] = post.deliveries()
    assert (row.state, len(mail.got)) == ("unsure", 1)


def test_mail_without_a_mail_server_says_so(post: Post):
    channel = post.channel(kind="email", addresses=["ann@bank.example"])
    post.event()
    post.courier.send(channel.id)
    assert post.deliveries()[0].problem == "no mail server is set"


def test_mail_to_strangers_is_told(post: Post, mail: Mailbox):
    by_mail(post, mail)
    mail.strangers = {"ann@bank.example"}
    channel = post.channel(kind="email", addresses=["ann@bank.example"])
    post.event()
    post.courier.send(channel.id)
    assert post.deliveries()[0].problem == "the mail server said 550: no such mailbox"
    assert mail.got == []


def test_one_address_that_is_refused_keeps_the_message_from_nobody_else_and_is_named(post: Post, mail: Mailbox):
    by_mail(post, mail)
    mail.strangers = {"gone@bank.example"}
    channel = post.channel(kind="email", addresses=["gone@bank.example", "ann@bank.example", "bob@bank.example"])
    post.event()
    post.courier.send(channel.id)
    [row] = post.deliveries()
    assert [one.rcpt_tos for one in mail.got] == [["ann@bank.example", "bob@bank.example"]]
    assert (row.state, row.problem) == ("done", "the mail server refused gone@bank.example")
    post.clock.advance(hours=12)
    assert post.courier.send(channel.id) == 0  # the others have it


def test_mail_is_not_sent_in_the_open_where_the_server_cannot_secure_it(post: Post, mail: Mailbox):
    by_mail(post, mail)
    post.courier.settings = post.courier.settings.model_copy(update={"smtp_security": "starttls"})
    channel = post.channel(kind="email", addresses=["ann@bank.example"])
    post.event()
    post.courier.send(channel.id)
    assert (post.deliveries()[0].state, mail.got) == ("waiting", [])


@pytest.mark.parametrize(("status", "state"), [(200, "done"), (500, "dead"), (0, "unsure")])
def test_a_test_message_tells_how_it_went(post: Post, hook: Receiver, status: int, state: str):
    channel = post.channel(kind="webhook", url=hook.url)
    hook.statuses = [status]
    row, _ = post.courier.test(channel.id)
    assert (row.event, row.state) == ("test", state)
    assert [one["type"] for one in hook.messages()] == ["test"]
    assert post.courier.send(channel.id) == 0
