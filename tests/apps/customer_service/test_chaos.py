"""Two hundred chats at once, handed over and solved, while servers and database connections are killed at random."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from apps.customer_service.pipeline.handoff import _STEPS as STEPS
from apps.customer_service.store.tables import ConversationRow, EntryRow
from tests.apps.customer_service.real_servers import Server, Town, town
from tests.apps.customer_service.simulation import ROW, Lived, live

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

CHATS, AGENTS = 200, 12
MARK = "trivium-chaos"  # only connections of this name are cut off


@pytest.fixture
def houses(database_url: str, warm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("TRIVIUM_REQUESTS_PER_MINUTE", "1000000")
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"application_name": MARK})
    with town(url.render_as_string(hide_password=False), warm_home) as made:
        yield made


class Disturbance:
    """Kills one server after another, never both, and cuts PostgreSQL's connections off."""

    def __init__(self, houses: Town, servers: list[Server]) -> None:
        self.houses = houses
        self.servers = servers
        self.chance = random.Random(11)
        self.killed = 0
        self.cut_off = 0

    async def __call__(self, done: asyncio.Event) -> None:
        await asyncio.gather(self._kill_servers(done), self._cut_connections(done))

    async def _kill_servers(self, done: asyncio.Event) -> None:
        while not await _within(done, 1 + 2 * self.chance.random()):
            at = self.chance.randrange(len(self.servers))
            port = self.servers[at].client.base_url.port
            assert port is not None
            self.servers[at].process.kill()
            self.servers[at].process.wait(30)
            self.killed += 1
            self.servers[at] = await asyncio.to_thread(self.houses.start, port=port)

    async def _cut_connections(self, done: asyncio.Event) -> None:
        if self.houses.url.startswith("sqlite"):
            return  # a file has no connection that another process could cut
        engine = create_engine(make_url(self.houses.url).update_query_dict({"application_name": "trivium-test"}))
        while not await _within(done, 0.2 + 0.4 * self.chance.random()):
            with engine.begin() as connection:
                held = connection.scalars(
                    text("SELECT pid FROM pg_stat_activity WHERE application_name = :mark"), {"mark": MARK}
                ).all()
                if held:
                    cut = text("SELECT pg_terminate_backend(:pid)")
                    self.cut_off += bool(connection.scalar(cut, {"pid": self.chance.choice(held)}))
        engine.dispose()


async def _within(done: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(done.wait(), seconds)
    except TimeoutError:
        return False
    return True


def run(
    houses: Town, chats: int, disturb: Callable[[list[Server]], Callable[[asyncio.Event], Awaitable[None]]]
) -> Lived:
    servers = [houses.start(), houses.start()]
    assert servers[0].client.post("/v1/support/documents", json={"documents": [ROW]}).status_code == 201
    addresses = [str(server.client.base_url).rstrip("/") for server in servers]
    return asyncio.run(live(addresses, houses.key, chats, AGENTS, disturb(servers)))


def test_no_message_is_lost_or_doubled_and_no_chat_has_two_owners(houses: Town):
    made: list[Disturbance] = []

    def disturb(servers: list[Server]) -> Disturbance:
        made.append(Disturbance(houses, servers))
        return made[0]

    lived = run(houses, CHATS, disturb)
    assert made[0].killed >= 3
    assert made[0].cut_off >= 20 or houses.url.startswith("sqlite")
    assert lived.waits > 0  # it was felt
    engine = create_engine(houses.url)
    with Session(engine) as session:
        rows = {row.id: row for row in session.scalars(select(ConversationRow))}
        entries: dict[str, list[EntryRow]] = {chat: [] for chat in rows}
        for entry in session.scalars(select(EntryRow).order_by(EntryRow.conversation_id, EntryRow.number)):
            entries[entry.conversation_id].append(entry)
    engine.dispose()
    assert set(rows) == {customer.chat for customer in lived.customers}
    assert len(rows) == CHATS
    for customer in lived.customers:
        kept = entries[customer.chat]
        assert [entry.number for entry in kept] == list(range(1, len(kept) + 1))
        assert [entry.client_id for entry in kept if entry.role == "customer"] == customer.sent
        check_answers(kept)
        check_states(kept, rows[customer.chat])
    solved = Counter(
        (e.conversation_id, e.author)
        for chat in entries.values()
        for e in chat
        if e.role == "agent" and e.kind == "message"
    )
    acknowledged = Counter((chat, agent.name) for agent in lived.agents for chat, _ in agent.said)
    assert solved == acknowledged


def check_answers(kept: list[EntryRow]) -> None:
    """The desk answered the first question once, and was silent from the moment on that a person was asked for."""
    answers = [entry for entry in kept if entry.role == "bot"]
    replied = [number for entry in answers for number in entry.data.get("replies_to", ())]
    customers = [entry.number for entry in kept if entry.role == "customer"]
    assert replied[:1] == customers[:1], [(entry.created_at, entry.role, entry.kind, entry.data) for entry in kept]
    assert len(replied) == len(set(replied))
    asked_for = next(entry.number for entry in kept if entry.kind == "state")
    assert all(entry.number < asked_for for entry in answers)


def check_states(kept: list[EntryRow], row: ConversationRow) -> None:
    """Each step leads from where the last one led, is one that exists, and nobody takes what another has."""
    state, owner = "bot", None
    legal = {(before, after) for step in STEPS.values() for before, after in step.items()}
    for entry in (one for one in kept if one.kind == "state"):
        data: dict[str, Any] = entry.data
        assert data["before"] == state, (state, data)
        assert (data["before"], data["after"]) in legal, data
        state = data["after"]
        if state == "assigned":
            assert owner is None
            owner = data["agent"]
        else:
            owner = None
    assert (state, owner) == (row.state, row.agent) == ("resolved", None)
    writing = None
    for entry in kept:
        if entry.kind == "state":
            writing = entry.data.get("agent") if entry.data["after"] == "assigned" else None
        elif entry.role == "agent" and entry.kind == "message":
            assert entry.author == writing
